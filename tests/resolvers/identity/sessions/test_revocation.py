"""Access tokens of ended sessions and former admins, and the scheme that they are sent with."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import col, select, update

from core.redis.pubsub import PubSub
from core.security.signing_keys import SigningKeys
from models.identity.accounts import Role, User, UserSession
from models.identity.revocations import Revocation, RevocationKind
from services.identity.accounts import change_role
from services.transaction import Transactions
from tests.client import Client
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.counting import statements
from tests.resolvers.identity.refreshing import pass_time, refreshed, refusal, use

SECONDS = 3.0
VIEWER = "{ viewer { email } }"
DEAD_LETTERS = "{ deadLetters { totalCount } }"
TOKENS = "session { accessToken refreshToken }"


@pytest.fixture
def transactions(world: World) -> Transactions:
    """Return units of work that signal no process."""
    return Transactions(world.database, PubSub("redis://nowhere"))


async def log_in(api: Client, user: User) -> dict[str, str]:
    account = {"email": email_of(user), "password": PASSWORD}
    tokens: dict[str, str] = (await api.do("logIn", account, TOKENS))["session"]
    return tokens


async def failing(client: Client, query: str) -> list[str]:
    """Ask until the request fails, for three seconds."""
    async with asyncio.timeout(SECONDS):
        async for codes in _answers(client, query):
            if codes:
                return codes
    return []


async def _answers(client: Client, query: str) -> AsyncIterator[list[str]]:
    while True:
        yield await client.failed(query)
        await asyncio.sleep(0.02)


async def test_an_access_token_ends_with_its_session(world: World, api: Client) -> None:
    user = await world.user()
    here, there = [api.bearing((await log_in(api, user))["accessToken"]) for _ in range(2)]
    await here.do("logOut", {})
    assert await here.failed(VIEWER) == ["UNAUTHENTICATED"], "at once in the same process"
    answer = await here.reading("de").send(VIEWER)
    assert answer["errors"][0]["message"] == "Diese Sitzung ist beendet. Melde dich neu an."
    assert await here.failed("{ offers { totalCount } }") == [], "public data is still returned"
    assert await there.failed(VIEWER) == []
    assert (await here.do("logOut", {}))["errors"] == [], "it is harmless to repeat"


async def test_a_reused_refresh_token_ends_the_access_tokens_of_both(
    world: World, api: Client
) -> None:
    first = await log_in(api, await world.user())
    await pass_time(world)
    second = await refreshed(api, first)
    await use(world, api, second)
    await pass_time(world)
    assert await refusal(api, first) == ["SESSION_ENDED"]
    for tokens in (first, second):
        client = api.bearing(tokens["accessToken"])
        assert await failing(client, VIEWER) == ["UNAUTHENTICATED"]


async def change(world: World, transactions: Transactions, user: User, role: Role) -> None:
    async with transactions.begin() as session:
        await change_role(session, user_id=user.id, role=role)


async def test_a_former_admin_has_no_rights_left(
    world: World, api: Client, transactions: Transactions
) -> None:
    """Their access token, which was signed for an admin, is good for a user."""
    admin = await world.admin()
    client = api.signed_in(admin)
    assert await client.failed(DEAD_LETTERS) == []
    await change(world, transactions, admin, Role.USER)
    assert await failing(client, DEAD_LETTERS) == ["FORBIDDEN"]
    assert await client.failed(VIEWER) == []


async def test_a_session_from_before_does_not_become_an_admins(
    world: World, api: Client, transactions: Transactions
) -> None:
    user, other = await world.user(), await world.user()
    stolen, others = await log_in(api, user), await log_in(api, other)
    await change(world, transactions, user, Role.ADMIN)
    assert await failing(api.bearing(stolen["accessToken"]), VIEWER) == ["UNAUTHENTICATED"]
    assert await refusal(api, stolen) == ["SESSION_ENDED"]
    assert await refusal(api, others) == []
    anew = await log_in(api, user)
    async with asyncio.timeout(SECONDS):
        async for codes in _answers(api.bearing(anew["accessToken"]), DEAD_LETTERS):
            if not codes:
                break
    assert await refusal(api, anew) == []
    await change(world, transactions, user, Role.USER)
    assert await refusal(api, anew) == [], "a session of a former admin gains nothing"


async def test_a_token_that_claims_to_be_of_an_admin_is_not_believed(
    world: World, api: Client, keys: SigningKeys
) -> None:
    user = await world.user()
    token, _ = keys.sign_access(user.id, user.id, 15, admin=True)
    assert await api.bearing(token).failed(DEAD_LETTERS) == ["FORBIDDEN"]


async def test_the_role_of_an_admin_is_read_once(world: World, api: Client) -> None:
    admin, user = api.signed_in(await world.admin()), api.signed_in(await world.user())
    taken = [len(await statements(client, "{ __typename }")) for client in (admin, admin, user)]
    assert taken == [1, 0, 0]


async def test_change_role_changes_it_and_revokes_what_is_remembered(
    world: World, transactions: Transactions
) -> None:
    user = await world.user()
    await change(world, transactions, user, Role.ADMIN)
    assert (await world.fresh(user)).role is Role.ADMIN
    async with world.database.session() as session:
        found = {(row.kind, row.subject_id) for row in await session.exec(select(Revocation))}
    assert found == {(kind, user.id) for kind in (RevocationKind.USER, RevocationKind.SESSION)}


@pytest.mark.parametrize(
    ("sent", "accepted"),
    [
        ("Bearer {}", True),
        ("bearer {}", True),
        ("BEARER   {} ", True),
        ("Basic {}", False),
        ("Token {}", False),
        ("{}", False),
        ("Bearer{}", False),
        ("Bearer", False),
        ("Bearer ", False),
        ("Bearer x {}", False),
        ("Basic Bearer {}", False),
    ],
)
@pytest.mark.parametrize("kind", ["access token", "API token"])
async def test_only_the_scheme_bearer_is_accepted(
    world: World, api: Client, sent: str, accepted: bool, kind: str
) -> None:
    user = await world.user()
    secret = (await world.api_token(user))[1]
    token = api.signed_in(user).headers["Authorization"].partition(" ")[2]
    given = sent.format(token if kind == "access token" else secret)
    response = await api.http.post(
        "/graphql", json={"query": VIEWER}, headers={"Authorization": given}
    )
    answer = response.json()
    if accepted:
        assert answer["data"]["viewer"]["email"] == email_of(user)
    else:
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_session_ends_on_its_last_day_however_often_it_is_refreshed(
    world: World, api: Client
) -> None:
    tokens = await log_in(api, await world.user())
    async with world.database.session() as session, session.begin():
        await session.exec(
            update(UserSession)
            .where(col(UserSession.id) != UserSession.user_id)
            .values(ends_at=UserSession.created_at, idle_until=UserSession.created_at)
        )
    refresh = {"refreshToken": tokens["refreshToken"]}
    assert await api.refusal_codes("refreshSession", refresh) == ["SESSION_ENDED"]
