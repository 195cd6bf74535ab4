"""The documents of a rejected application are deleted after a while, and no others."""

from datetime import timedelta

import pytest

from core.clock import now
from core.settings import Settings
from models.applications import ApplicationState, VendorApplication
from services.applications import retention
from services.journal.topics import APPLICATIONS_TOPIC
from tests.client import Client, gid
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

DOCUMENTS = """query ($id: ID!) { node(id: $id) {
  ... on VendorApplication { state documents { id } }
} }"""
FILE = "query ($id: ID!) { node(id: $id) { id } }"


async def decided(world: World, state: ApplicationState, *, days: float) -> VendorApplication:
    """Return an application with a document, decided so many days ago."""
    user = await world.user()
    decided_at = now() - timedelta(days=days)
    return await world.application(
        user, await world.vendor(user), state=state, decided_at=decided_at
    )


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
        await decided(world, ApplicationState.CHANGES_REQUESTED, days=days + 1),
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
