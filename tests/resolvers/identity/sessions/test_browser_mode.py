"""Browser mode: a cookie in place of tokens, for pages of the server alone."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from core.redis.client import RedisClient
from core.security.browser_cookie import csrf_token, new_cookie
from core.security.random_secrets import hash_secret
from core.settings import Settings
from models.identity.accounts import UserSession
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.identity.browser import COOKIE, CSRF, MODE, BrowserPages
from tests.web.conftest import called

VIEWER = "{ viewer { id } }"
RENAME = 'mutation { updateProfile(input: {name: "Changed"}) { errors { code } } }'
LOG_OUT = "mutation { logOut(input: {}) { errors { code } } }"


@pytest.fixture
def browser(http: httpx.AsyncClient) -> BrowserPages:
    return BrowserPages(http)


async def sessions_of(database: Database) -> list[UserSession]:
    async with database.session() as session:
        rows = select(UserSession).where(UserSession.cookie_hash != None)  # noqa: E711
        return list(await session.exec(rows))


async def test_log_in_sets_a_cookie_and_returns_no_tokens(
    world: World, browser: BrowserPages
) -> None:
    user = await world.user()
    response = await browser.post(
        "mutation ($email: String!, $password: String!) {"
        " logIn(input: {email: $email, password: $password}) {"
        " session { accessToken } viewer { id csrfToken } errors { code } } }",
        {"email": email_of(user), "password": "correct horse battery staple"},
    )
    payload = response.json()["data"]["logIn"]
    header = response.headers["set-cookie"]
    cookie = browser.cookie or ""
    assert re.fullmatch(r"[0-9a-f]{64}", cookie)
    assert header == f"{COOKIE}={cookie}; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict"
    assert response.headers["cache-control"] == "private, no-store"
    assert payload["session"] is None
    assert payload["viewer"] == {"id": gid(user), "csrfToken": csrf_token(cookie)}
    (row,) = await sessions_of(world.database)
    assert row.cookie_hash == hash_secret(cookie)
    assert timedelta(hours=7, minutes=59) < row.ends_at - now() <= timedelta(hours=8)
    assert await browser.ask(VIEWER) == {"viewer": {"id": gid(user)}}


async def test_mutations_need_the_token_of_the_cookie(world: World, browser: BrowserPages) -> None:
    user, other = await world.user(), await world.user()
    await browser.log_in(user)
    token = browser.csrf
    assert await browser.ask(CSRF) == {"viewer": {"csrfToken": token}}
    for wrong in (None, "", "x", csrf_token(new_cookie())):
        browser.csrf = wrong
        assert await browser.failed(RENAME) == ["CSRF_TOKEN_WRONG"]
    browser.csrf = None
    assert await browser.ask(VIEWER) == {"viewer": {"id": gid(user)}}
    assert (await world.fresh(user)).name == user.name
    browser.csrf = token
    assert await browser.failed(RENAME) == []
    assert (await world.fresh(user)).name == "Changed"
    browser.csrf = None
    await browser.log_in(other)  # signing in needs none
    assert await browser.ask(VIEWER) == {"viewer": {"id": gid(other)}}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None},
        {"Origin": "null"},
        {"Origin": "http://evil.test"},
        {"Origin": "http://app.haat"},
        {"Origin": "http://haat:8080"},
        {"Origin": "http://haat.evil.test"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "none"},
    ],
)
async def test_pages_of_other_origins_execute_nothing(
    world: World, browser: BrowserPages, headers: dict[str, str | None]
) -> None:
    user = await world.user()
    await browser.log_in(user)
    for document in (VIEWER, RENAME):
        response = await browser.post(document, None, **headers)
        assert response.status_code == 403
        assert "data" not in response.json()
    assert (await world.fresh(user)).name == user.name
    assert (await browser.post(VIEWER, Sec_Fetch_Site="same-origin")).status_code == 200


@pytest.mark.parametrize("sent", ["multipart", "form", "text", "get", "get in browser mode"])
async def test_what_a_form_or_a_link_sends_executes_nothing(
    world: World, browser: BrowserPages, sent: str
) -> None:
    user = await world.user()
    await browser.log_in(user)
    headers = {"Cookie": f"{COOKIE}={browser.cookie}", "Origin": MODE["Origin"]}
    http = browser.http
    for query in (VIEWER, RENAME):
        for more in ({}, MODE, MODE | {"Haat-CSRF": browser.csrf or ""}):
            given = headers | more
            if sent == "multipart":
                parts: Any = {"operations": (None, f'{{"query": {query!r}}}'), "map": (None, "{}")}
                response = await http.post("/graphql", files=parts, headers=given)
            elif sent == "form":
                response = await http.post("/graphql", data={"query": query}, headers=given)
            elif sent == "text":
                response = await http.post(
                    "/graphql", content=f'{{"query": "{query}"}}', headers=given
                )
            else:
                if sent != "get":
                    given |= MODE
                response = await http.get("/graphql", params={"query": query}, headers=given)
                if "Haat-Session" not in given and query == VIEWER:  # the cookie means nothing
                    assert response.json()["data"] == {"viewer": None}
                    continue
            assert response.status_code in {405, 415}
            assert "data" not in response.json()
    assert (await world.fresh(user)).name == user.name


async def test_the_cookie_alone_means_nothing(world: World, browser: BrowserPages) -> None:
    await browser.log_in(await world.user())
    response = await browser.post(VIEWER, Haat_Session=None)
    assert response.json()["data"] == {"viewer": None}
    assert (await browser.post(VIEWER, Haat_Session="yes")).status_code == 400


async def test_a_browser_has_up_to_ten_cookies(world: World, browser: BrowserPages) -> None:
    first, second = await world.user(), await world.user()
    other = BrowserPages(browser.http)
    other.slot = "-1"
    await browser.log_in(first)
    await other.log_in(second)
    assert await browser.ask(VIEWER) == {"viewer": {"id": gid(first)}}
    assert await other.ask(VIEWER) == {"viewer": {"id": gid(second)}}
    other.csrf = browser.csrf
    assert await other.failed(VIEWER) == ["CSRF_TOKEN_WRONG"], "it is meant for another session"
    for wrong in ("cookie-0", "cookie-10", "cookie-x"):
        assert (await browser.post(VIEWER, Haat_Session=wrong)).status_code == 400


async def test_a_cookie_beside_a_token_is_refused(
    world: World, browser: BrowserPages, api: Client
) -> None:
    user = await world.user()
    await browser.log_in(user)
    token = api.signed_in(user).headers["Authorization"]
    assert (await browser.post(VIEWER, Authorization=token)).status_code == 400


async def test_the_cookie_changes_at_log_in(world: World, browser: BrowserPages) -> None:
    """And the session that it replaces ends. A cookie that a stranger planted is never used."""
    first, second = await world.user(), await world.user()
    planted = browser.cookie = new_cookie()
    await browser.log_in(first)
    before = browser.cookie
    assert before != planted
    await browser.log_in(second)
    assert browser.cookie not in {before, planted}
    rows = {row.user_id: row for row in await sessions_of(world.database)}
    assert rows[first.id].ended_at is not None
    assert rows[second.id].ended_at is None
    for old, deleted in ((before, False), (planted, True)):
        stolen = BrowserPages(browser.http)
        stolen.cookie = old
        assert await stolen.failed(VIEWER) == ["UNAUTHENTICATED"]
        assert (stolen.cookie is None) is deleted


@pytest.mark.parametrize("change", ["log in", "switch role", "log out"])
async def test_a_late_request_leaves_the_cookie_of_another_tab(
    world: World, browser: BrowserPages, settings: Settings, change: str
) -> None:
    """It was sent with the former cookie, and its answer arrives last. Both have one name.

    The process that answers may not know the change yet, and have the copy of the former cookie.
    """
    user = await world.user()
    await browser.log_in(user)
    async with called(settings) as elsewhere:
        tabs = [BrowserPages(one) for one in (browser.http, elsewhere)]
        for tab in tabs:
            tab.cookie = browser.cookie
            assert await tab.ask(VIEWER) == {"viewer": {"id": gid(user)}}
        if change == "log in":
            await browser.log_in(await world.user())
        elif change == "switch role":
            await browser.act()
        else:
            assert await browser.failed(LOG_OUT) == []
        for tab in tabs:
            late = tab.cookie
            await tab.send(VIEWER)
            assert tab.cookie == late, "no answer has changed it"


async def test_a_cookie_that_ended_long_ago_is_deleted(
    world: World, browser: BrowserPages, settings: Settings
) -> None:
    await browser.log_in(await world.user())
    (row,) = await sessions_of(world.database)
    async with world.database.session() as session, session.begin():
        found = await session.get_one(UserSession, row.id)
        found.ended_at = now() - timedelta(minutes=2)
    await forget_copies(settings.redis)
    assert await browser.failed(VIEWER) == ["UNAUTHENTICATED"]
    assert browser.cookie is None


async def test_a_wrong_password_changes_nothing(world: World, browser: BrowserPages) -> None:
    user = await world.user()
    await browser.log_in(user)
    before = browser.cookie
    payload = await browser.do("logIn", {"email": email_of(user), "password": "wrong"})
    assert [error["code"] for error in payload["errors"]] == ["WRONG_CREDENTIALS"]
    assert browser.cookie == before
    assert await browser.ask(VIEWER) == {"viewer": {"id": gid(user)}}


async def test_the_cookie_changes_when_the_user_proves_to_be_present(
    world: World, browser: BrowserPages
) -> None:
    user = await world.user()
    await browser.log_in(user)
    before = browser.cookie
    payload = await browser.do("reauthenticate", {"password": "correct horse battery staple"})
    assert payload["errors"] == []
    assert browser.cookie != before
    assert await browser.failed(RENAME) == ["CSRF_TOKEN_WRONG"]
    stolen = BrowserPages(browser.http)
    stolen.cookie = before
    assert await stolen.failed(VIEWER) == ["UNAUTHENTICATED"]
    browser.csrf = None
    browser.csrf = (await browser.ask(CSRF))["viewer"]["csrfToken"]
    assert await browser.failed(RENAME) == []


async def test_log_out_ends_the_session_and_deletes_the_cookie(
    world: World, browser: BrowserPages
) -> None:
    await browser.log_in(await world.user())
    stolen = BrowserPages(browser.http)
    stolen.cookie, stolen.csrf = browser.cookie, browser.csrf
    assert await browser.failed(LOG_OUT) == []
    assert browser.cookie is None
    assert await browser.ask(VIEWER) == {"viewer": None}
    assert await stolen.failed(VIEWER) == ["UNAUTHENTICATED"]
    (row,) = await sessions_of(world.database)
    assert row.ended_at is not None


async def test_a_session_ends_after_eight_hours(
    world: World, browser: BrowserPages, settings: Settings
) -> None:
    await browser.log_in(await world.user())
    (row,) = await sessions_of(world.database)
    async with world.database.session() as session, session.begin():
        found = await session.get_one(UserSession, row.id)
        found.idle_until = found.ends_at = now() - timedelta(seconds=1)
    await forget_copies(settings.redis)
    assert await browser.failed(VIEWER) == ["UNAUTHENTICATED"]


async def test_a_lost_redis_signs_nobody_out(
    world: World, browser: BrowserPages, settings: Settings
) -> None:
    user = await world.user()
    await browser.log_in(user)
    for _ in range(2):
        assert await browser.ask(VIEWER) == {"viewer": {"id": gid(user)}}
        await forget_copies(settings.redis)


async def test_a_copy_in_redis_is_not_the_truth(world: World, browser: BrowserPages) -> None:
    """It outlives a session that was ended, which is refused all the same."""
    user = await world.user()
    await browser.log_in(user)
    await browser.ask(VIEWER)
    stolen = BrowserPages(browser.http)
    stolen.cookie = browser.cookie
    other = BrowserPages(browser.http)
    await other.log_in(user)
    payload = await other.do("revokeOtherSessions", {}, "ended")
    assert payload["ended"] >= 1
    assert await stolen.failed(VIEWER) == ["UNAUTHENTICATED"]
    assert await other.ask(VIEWER) == {"viewer": {"id": gid(user)}}


async def test_the_second_factor_comes_before_the_cookie(
    world: World, browser: BrowserPages
) -> None:
    """A right password without the factor sets no cookie and ends no session."""
    user = await world.user()
    app = await world.totp(user)
    await browser.log_in(await world.user())
    before, token = browser.cookie, browser.csrf
    step = (await browser.log_in(user))["secondFactor"]
    assert (browser.cookie, browser.csrf) == (before, token)
    assert await browser.failed(RENAME) == []
    given = {"challengeId": step["challengeId"], "totp": app.code()}
    fields = "session { accessToken } viewer { id csrfToken }"
    payload = await browser.do("confirmSecondFactor", given, fields)
    assert payload["session"] is None
    assert payload["viewer"] == {"id": gid(user), "csrfToken": csrf_token(browser.cookie or "")}
    assert browser.cookie != before


async def test_tokens_have_no_csrf_token_and_switch_no_role(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    found = await client.ask("{ viewer { csrfToken activeRole { admin } } }")
    assert found == {"viewer": {"csrfToken": None, "activeRole": None}}
    assert await client.refusal_codes("switchRole", {}) == ["NO_BROWSER_SESSION"]
    assert await api.mutation_failed("switchRole", {}) == ["UNAUTHENTICATED"]


async def forget_copies(redis_url: str) -> None:
    """Delete the copies of all sessions from Redis, as a restart without persistence does."""
    redis = RedisClient(redis_url, "tests")
    for key in await redis.keys("haat:browser:*"):
        await redis.delete(key)
    await redis.aclose()
