"""Exports: asked for once a day, and downloaded once, by their user."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from core.settings import Settings
from models.identity.accounts import User
from models.privacy import DataExport
from services.privacy.export_mail import compose_export
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.privacy.test_delete_my_account import age

URL = "https://haat.example"
LINK = re.compile(r"^https://haat\.example/auth/export#(\S+)$", re.MULTILINE)
MUTATION = "mutation { exportMyData { export { createdAt } errors { code } } }"
EXPORT = "{ dataExport { createdAt readyAt size downloadedAt expiresAt } }"


async def ask_for(client: Client) -> list[str]:
    answer = await client.ask(MUTATION)
    return [error["code"] for error in answer["exportMyData"]["errors"]]


async def download(client: Client, token: str) -> list[str]:
    return await client.refusal_codes("downloadMyData", {"token": token})


async def exports_of(world: World, user: User) -> list[DataExport]:
    async with world.database.session() as session:
        rows = select(DataExport).where(DataExport.user_id == user.id)
        return list((await session.exec(rows)).all())


async def ready(world: World, user: User) -> tuple[DataExport, str]:
    """Return an export whose link was mailed, and its token."""
    export = DataExport(user_id=user.id, ready_at=now(), size=1_000)
    await world.save(export)
    async with world.database.session() as session, session.begin():
        mail = await compose_export(session, world.sealer, export.id, URL)
    assert mail is not None
    assert mail.to == email_of(user)
    assert user.name not in mail.body
    link = LINK.search(mail.body)
    assert link is not None
    return await world.fresh(export), link[1]


async def test_a_repeated_request_makes_one_export(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    assert (await client.ask(EXPORT))["dataExport"] is None
    assert await ask_for(client) == await ask_for(client) == []
    (export,) = await exports_of(world, user)
    found = (await client.ask(EXPORT))["dataExport"]
    assert found["readyAt"] is found["size"] is found["downloadedAt"] is None
    export.ready_at, export.size, export.downloaded_at = now(), 1, now()
    await world.save(export)
    assert await ask_for(client) == ["DAILY_LIMIT_REACHED"]


async def test_who_can_ask_for_an_export(world: World, api: Client) -> None:
    user = await world.user()
    assert await api.failed(MUTATION) == ["UNAUTHENTICATED"]
    program = api.bearing((await world.api_token(user))[1])
    assert await program.failed(MUTATION) == ["FORBIDDEN"]
    await age(world)
    assert await ask_for(api.signed_in(user)) == ["STEP_UP_REQUIRED"]
    assert await exports_of(world, user) == []
    assert await api.failed(EXPORT) == ["UNAUTHENTICATED"]


async def test_a_link_works_once_and_for_its_user(
    world: World, api: Client, settings: Settings
) -> None:
    user, other = await world.user(), await world.user()
    export, token = await ready(world, user)
    path = settings.objects_folder / f"exports/{export.id}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"PK")
    purpose = "query ($token: String!) { authLink(token: $token) { purpose email } }"
    found = (await api.ask(purpose, token=token))["authLink"]
    assert found == {"purpose": "DOWNLOAD_DATA", "email": email_of(user)}
    assert await api.mutation_failed("downloadMyData", {"token": token}) == ["UNAUTHENTICATED"]
    assert await download(api.signed_in(other), token) == ["LINK_ENDED"]
    client = api.signed_in(user)
    assert await download(client, "x" * 43) == ["LINK_ENDED"]
    done = await client.do("downloadMyData", {"token": token}, "download { url }")
    answer = await api.http.get(done["download"]["url"].removeprefix("http://haat"))
    assert (answer.status_code, answer.content) == (200, b"PK")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert await download(client, token) == ["LINK_ENDED"], "it works once"


@pytest.mark.parametrize("change", [{"expires_at": now()}, {"ready_at": None, "size": None}])
async def test_a_link_that_has_ended(world: World, api: Client, change: dict[str, object]) -> None:
    """Although no clean-up has run."""
    user = await world.user()
    export, token = await ready(world, user)
    for name, value in change.items():
        setattr(export, name, value)
    await world.save(export)
    assert await download(api.signed_in(user), token) == ["LINK_ENDED"]


async def test_the_link_does_not_go_to_an_address_that_has_just_changed(
    world: World, api: Client
) -> None:
    user = await world.user(credentials_changed_at=now() - timedelta(hours=47))
    client = api.signed_in(user)
    assert await ask_for(client) == ["ACCOUNT_RECENTLY_CHANGED"]
    assert await exports_of(world, user) == []
    user.credentials_changed_at = now() - timedelta(hours=49)
    await world.save(user)
    assert await ask_for(client) == []
