"""Admins and owners of vendors who must have a second factor."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pyotp
import pytest
from sqlmodel import col, select

from app import create_app
from core.settings import Settings
from models.identity.accounts import User, UserSession
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.browser import BrowserPages

STEP = "session { accessToken refreshToken mustEnrol } secondFactor { challengeId }"
VIEWER = "{ viewer { id } }"


@pytest.fixture(scope="module")
async def strict(settings: Settings, api: Client) -> AsyncIterator[Client]:
    """Return a client of an app whose admins and owners need a second factor."""
    required = {"factor_required_for_admins": True, "factor_required_for_owners": True}
    app = create_app(settings.model_copy(update=required))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://haat") as http:
            yield replace(api, http=http)


async def signed_in(client: Client, user: User) -> dict[str, Any]:
    given = {"email": email_of(user), "password": PASSWORD}
    session: dict[str, Any] = (await client.do("logIn", given, STEP))["session"]
    return session


@pytest.mark.parametrize("role", ["admin", "owner"])
async def test_they_can_only_set_a_factor_up(world: World, strict: Client, role: str) -> None:
    user = await world.admin() if role == "admin" else await world.user()
    if role == "owner":
        await world.vendor(owner=user)
    session = await signed_in(strict, user)
    assert session["mustEnrol"] is True
    client = strict.bearing(session["accessToken"])
    assert await client.failed(VIEWER) == ["FORBIDDEN"]
    assert await client.failed("{ auditLog { totalCount } }") == ["FORBIDDEN"]
    for name, input in (
        ("createApiToken", {"name": "Till", "scopes": ["READ"]}),
        ("removePasskey", {"passkeyId": "x"}),
    ):
        assert await client.mutation_failed(name, input) != []
    password = {"password": PASSWORD}
    assert await client.refusal_codes("reauthenticate", password) == []
    made = (await client.ask("mutation { enableTotp { secret } }"))["enableTotp"]
    code = {"code": pyotp.TOTP(made["secret"]).now()}
    assert await client.refusal_codes("confirmTotp", code) == []
    assert await client.failed(VIEWER) == ["FORBIDDEN"], "until the session is refreshed"
    refresh = {"refreshToken": session["refreshToken"]}
    fields = "session { accessToken mustEnrol }"
    refreshed = (await strict.do("refreshSession", refresh, fields))["session"]
    assert refreshed["mustEnrol"] is False
    full = strict.bearing(refreshed["accessToken"])
    assert (await full.ask(VIEWER))["viewer"] is not None


async def test_customers_and_other_members_need_none(world: World, strict: Client) -> None:
    member = await world.user()
    await world.member(await world.vendor(), member, MemberRole.MANAGER)
    for user in (member, await world.user()):
        assert (await signed_in(strict, user))["mustEnrol"] is False


async def test_they_can_sign_out(world: World, strict: Client) -> None:
    session = await signed_in(strict, await world.admin())
    assert await strict.bearing(session["accessToken"]).refusal_codes("logOut", {}) == []
    refresh = {"refreshToken": session["refreshToken"]}
    assert await strict.refusal_codes("refreshSession", refresh) == ["SESSION_ENDED"]


async def test_without_the_settings_none_is_needed(world: World, api: Client) -> None:
    assert (await signed_in(api, await world.admin()))["mustEnrol"] is False


async def test_another_sign_in_in_the_browser_ends_the_former_session(
    world: World, strict: Client
) -> None:
    """Although its user may only set a factor up."""
    admin, pages = await world.admin(), BrowserPages(strict.http)
    for _ in range(2):
        await pages.log_in(admin)
        assert await pages.failed(VIEWER) == ["FORBIDDEN"]
    own = UserSession.user_id == admin.id, col(UserSession.cookie_hash).is_not(None)
    async with world.database.session() as session:
        rows = select(UserSession).where(*own).order_by(col(UserSession.id))
        found = (await session.exec(rows)).all()
    assert [one.ended_at is None for one in found] == [False, True]


async def test_in_the_browser_they_set_a_factor_up(world: World, strict: Client) -> None:
    admin, pages = await world.admin(), BrowserPages(strict.http)
    assert (await pages.log_in(admin))["session"] is None
    switch = "mutation { switchRole(input: {admin: true}) { errors { code } } }"
    for query in (VIEWER, switch):
        assert await pages.failed(query) == ["FORBIDDEN"]
    made = (await pages.ask("mutation { enableTotp { secret } }"))["enableTotp"]
    code = {"code": pyotp.TOTP(made["secret"]).now()}
    assert (await pages.do("confirmTotp", code))["errors"] == []
    assert (await pages.ask(VIEWER))["viewer"] is not None, "at once: no token is refreshed"
    assert (await pages.act(admin=True))["viewer"]["activeRole"]["admin"] is True
