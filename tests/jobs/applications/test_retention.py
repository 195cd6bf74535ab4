"""Documents are deleted a while after a rejection or a request for changes, and no others."""

from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from core.settings import Settings
from models.applications import ApplicationState, VendorApplication
from models.identity.accounts import User
from services.applications import retention
from services.journal.topics import APPLICATIONS_TOPIC
from tests.client import Client, gid
from tests.factories.applications import GSTIN
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.resolvers.audit.test_audit_log import read_log

DOCUMENTS = """query ($id: ID!) { node(id: $id) {
  ... on VendorApplication { state documents { id } }
} }"""
NOTICES = "{ viewer { notifications { nodes { kind } } } }"
FILE = "query ($id: ID!) { node(id: $id) { id } }"


async def decided(world: World, state: ApplicationState, *, days: float) -> VendorApplication:
    """Return an application with a document, decided so many days ago."""
    user = await world.user()
    decided_at = now() - timedelta(days=days)
    return await world.application(
        user, await world.vendor(user), state=state, decided_at=decided_at
    )


async def user_of(world: World, application: VendorApplication) -> User:
    async with world.database.session() as session:
        return await session.get_one(User, application.user_id)


async def notices(client: Client) -> Any:
    return (await client.ask(NOTICES))["viewer"]["notifications"]["nodes"]


async def documents(api: Client, application: VendorApplication) -> list[str]:
    node = (await api.ask(DOCUMENTS, id=gid(application)))["node"]
    return [one["id"] for one in node["documents"]]


async def test_documents_of_a_rejection_are_deleted(
    world: World,
    api: Client,
    settings: Settings,
    defer: Defer,
    work: Work,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH_SIZE", 1)
    days, admin = settings.rejected_document_days, api.signed_in(await world.admin())
    old = [await decided(world, ApplicationState.REJECTED, days=days + 1) for _ in range(2)]
    kept = [
        await decided(world, ApplicationState.REJECTED, days=days - 1),
        await decided(world, ApplicationState.APPROVED, days=days + 1),
        await decided(world, ApplicationState.CHANGES_REQUESTED, days=days - 1),
    ]
    files = [id for one in old for id in await documents(admin, one)]
    await defer("delete_rejected_documents", timestamp=0)
    await work()
    assert [await documents(admin, one) for one in old] == [[], []]
    assert [len(await documents(admin, one)) for one in kept] == [1, 1, 1]
    for id in files:
        assert (await admin.ask(FILE, id=id))["node"] is None
    changed = [topic for topic, _, kind in await world.journal() if kind == "application.updated"]
    assert changed.count(APPLICATIONS_TOPIC) == len(old)


async def test_an_application_that_is_not_submitted_again_is_withdrawn(
    world: World, api: Client, settings: Settings, defer: Defer, work: Work
) -> None:
    days, admin = settings.returned_application_days, api.signed_in(await world.admin())
    returned = ApplicationState.CHANGES_REQUESTED
    old = [await decided(world, returned, days=days + 1) for _ in range(2)]
    again = await decided(world, returned, days=days + 1)
    again.state = ApplicationState.SUBMITTED
    await world.save(again)
    kept = [
        again,
        await decided(world, returned, days=days - 1),
        await decided(world, ApplicationState.APPROVED, days=days + 1),
    ]
    await defer("close_returned_applications", timestamp=0)
    await work()
    for one in old:
        assert await documents(admin, one) == []
        assert (await world.fresh(one)).state is ApplicationState.WITHDRAWN
        client = api.signed_in(await user_of(world, one))
        assert [each["kind"] for each in await notices(client)] == ["APPLICATION_CLOSED"]
        late = {"applicationId": gid(one), "revision": one.revision, "taxId": GSTIN}
        refused = await client.refusal_codes("resubmitApplication", late)
        assert refused == ["INVALID_APPLICATION_STATE"]
    for one in kept:
        assert len(await documents(admin, one)) == 1
        assert (await world.fresh(one)).state is one.state
    entries = await read_log(admin, act="WITHDRAW_APPLICATION")
    assert [entry["actor"] for entry in entries] == [None, None]
