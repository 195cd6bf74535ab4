"""The list of the devices on which a user is signed in, and ending them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from core.clock import now
from models.identity.accounts import User
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.identity.refreshing import as_client, pass_time, refreshed, refusal, use

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Haat/2.1 (iPhone; iOS 17.5)"
TOKENS = "session { accessToken refreshToken }"
SESSIONS = "{ viewer { sessions { nodes { id deviceName place current } } } }"
USED = "{ viewer { sessions { nodes { deviceName lastUsedAt } } } }"
OTHERS = "query ($id: ID!) { node(id: $id) { ... on User { sessions { totalCount } } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
NOTICES = text("SELECT args->>'notice' FROM procrastinate_jobs WHERE task_name LIKE '%notice'")
MINUTES = text("UPDATE user_session SET last_used_at = last_used_at - interval '20 minutes'")


async def log_in(api: Client, user: User, agent: str = FIREFOX) -> dict[str, str]:
    account = {"email": email_of(user), "password": PASSWORD}
    tokens: dict[str, str] = (await as_client(api, agent).do("logIn", account, TOKENS))["session"]
    return tokens


async def listed(client: Client, query: str = SESSIONS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.ask(query))["viewer"]["sessions"]["nodes"]
    return found


async def test_sessions_name_device_and_place(world: World, api: Client) -> None:
    user = await world.user()
    await log_in(api, user)
    client = api.bearing((await log_in(api, user, PHONE))["accessToken"])
    newest, first, _ = await listed(client)  # the factory opened the oldest
    assert (newest["deviceName"], newest["current"]) == ("Haat, iPhone", True)
    assert (first["deviceName"], first["current"]) == ("Firefox, Linux", False)
    assert newest["place"] == "127.0.0.0/24"


async def test_a_refresh_notes_the_device_and_the_time(world: World, api: Client) -> None:
    tokens = await log_in(api, await world.user())
    await pass_time(world)
    async with world.database.session() as session, session.begin():
        await session.execute(MINUTES)
    before = (await listed(api.bearing(tokens["accessToken"]), USED))[0]
    newer = await refreshed(as_client(api, PHONE), tokens)
    after = (await listed(api.bearing(newer["accessToken"]), USED))[0]
    assert after["deviceName"] == "Haat, iPhone"
    assert after["lastUsedAt"] > before["lastUsedAt"]


async def test_a_reused_refresh_token_is_mailed_once(world: World, api: Client) -> None:
    first = await log_in(api, await world.user())
    await pass_time(world)
    await use(world, api, await refreshed(as_client(api, FIREFOX), first))
    await pass_time(world)
    for _ in range(3):
        assert await refusal(as_client(api, FIREFOX), first) == ["SESSION_ENDED"]
    async with world.database.session() as session:
        assert (await session.execute(NOTICES)).scalars().all() == ["SESSION_STOLEN"]


async def test_ended_and_expired_sessions_are_not_listed(world: World, api: Client) -> None:
    user = await world.user()
    past = now() - timedelta(seconds=1)
    for ended in ({"ended_at": past}, {"idle_until": past}, {"idle_until": past, "ends_at": past}):
        session = await world.session(user)
        for name, value in ended.items():
            setattr(session, name, value)
        await world.save(session)
    assert [one["current"] for one in await listed(api.signed_in(user))] == [True]


async def test_nobody_else_sees_sessions(world: World, api: Client) -> None:
    user, other, admin = await world.user(), await world.user(), await world.admin()
    session = await world.session(user)
    _, secret = await world.api_token(user)
    program = api.bearing(secret)
    strangers = (api, api.signed_in(other), api.signed_in(admin), program)
    for client in strangers:
        found = (await client.ask(NODE, id=gid(session)))["node"]
        assert found is None
    assert (await api.signed_in(user).ask(NODE, id=gid(session)))["node"]["id"] == gid(session)
    assert (await api.signed_in(admin).ask(OTHERS, id=gid(user)))["node"]["sessions"] is None
    assert (await program.ask(OTHERS, id=gid(user)))["node"]["sessions"]["totalCount"] == 0


async def test_revoke_session_ends_both_of_its_tokens(world: World, api: Client) -> None:
    user = await world.user()
    lost = await log_in(api, user, PHONE)
    client = api.signed_in(user)
    id = next(one["id"] for one in await listed(client) if one["deviceName"] == "Haat, iPhone")
    for _ in range(2):
        assert await client.refusal_codes("revokeSession", {"sessionId": id}) == []
    assert await api.bearing(lost["accessToken"]).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
    assert await refusal(api, lost) == ["SESSION_ENDED"]
    assert [one["current"] for one in await listed(client)] == [True]


async def test_nobody_else_ends_sessions(world: World, api: Client) -> None:
    user, other, admin = await world.user(), await world.user(), await world.admin()
    session = await world.session(user)
    given = {"sessionId": gid(session)}
    for client in (api.signed_in(other), api.signed_in(admin)):
        assert await client.refusal_codes("revokeSession", given) == ["NOT_FOUND"]
    assert await api.mutation_failed("revokeSession", given) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("revokeOtherSessions", {}) == ["UNAUTHENTICATED"]
    assert (await world.fresh(session)).ended_at is None


async def test_revoke_other_sessions_keeps_this_one(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    lost = [await log_in(api, user) for _ in range(2)]
    _, secret = await world.api_token(user)
    client = api.signed_in(user)
    assert (await client.do("revokeOtherSessions", {}, "ended"))["ended"] == 2
    for tokens in lost:
        assert await refusal(api, tokens) == ["SESSION_ENDED"]
    assert await client.failed("{ viewer { id } }") == []
    assert await api.signed_in(other).failed("{ viewer { id } }") == []
    assert await api.bearing(secret).failed("{ viewer { id } }") == []
    assert (await client.do("revokeOtherSessions", {"revokeApiTokens": True}, "ended"))[
        "ended"
    ] == 0
    assert await api.bearing(secret).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]
