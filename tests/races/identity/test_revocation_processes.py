"""A session that ends at one server process ends at the others within seconds."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.redis.pubsub import PubSub
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import Role, User
from services.identity.accounts import change_role
from services.transaction import Transactions
from tests import servers as test_servers
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.resolvers.admins.deciding import impersonate, suspension
from tests.resolvers.identity.refreshing import pass_time, refreshed, refusal, use
from tests.running import serving

SECONDS = 10.0  # three of a machine that is not busy
ROUNDS = 4
VIEWER = "{ viewer { email } }"
DEAD_LETTERS = "{ deadLetters { totalCount } }"
TOKENS = "session { accessToken refreshToken }"
UNREACHABLE = "redis://127.0.0.1:1"


@pytest.fixture(scope="module", params=["with Redis", "without Redis"])
def urls(
    request: pytest.FixtureRequest, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    redis_url = test_servers.new_redis_url() if request.param == "with Redis" else UNREACHABLE
    folder = tmp_path_factory.mktemp("revocation")
    with ExitStack() as stack:
        logs = [folder / name for name in ("here", "there")]
        yield [stack.enter_context(serving(settings, redis_url, log)).url for log in logs]
    for log in logs:
        assert "Traceback" not in Path(log).read_text()


@pytest.fixture
async def pair(urls: list[str], keys: SigningKeys) -> AsyncIterator[tuple[Client, Client]]:
    """Return clients of both processes."""
    async with AsyncExitStack() as stack:
        here, there = [
            Client(
                await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30)), keys
            )
            for url in urls
        ]
        yield here, there


async def log_in(api: Client, user: User) -> dict[str, str]:
    account = {"email": email_of(user), "password": PASSWORD}
    tokens: dict[str, str] = (await api.do("logIn", account, TOKENS))["session"]
    return tokens


async def log_in_codes(api: Client, user: User) -> list[str]:
    return await api.refusal_codes("logIn", {"email": email_of(user), "password": PASSWORD})


async def seconds_until(client: Client, query: str, code: str) -> float:
    """Return how long the client is still answered."""
    began = time.monotonic()
    while await client.failed(query) != [code]:
        assert time.monotonic() - began < 2 * SECONDS
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def open_socket(client: Client, token: str) -> ClientConnection:
    url = str(client.http.base_url).replace("http", "ws").rstrip("/") + "/graphql"
    socket = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
    payload = f'{{"authorization": "Bearer {token}"}}'
    await socket.send(f'{{"type": "connection_init", "payload": {payload}}}')
    assert "connection_ack" in str(await socket.recv())
    return socket


async def seconds_until_closed(socket: ClientConnection, code: int) -> float:
    began = time.monotonic()
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(2 * SECONDS):
            while True:
                await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    return time.monotonic() - began


async def test_logging_out_ends_requests_and_sockets_of_the_other_process(
    world: World, pair: tuple[Client, Client]
) -> None:
    here, there = pair
    for _ in range(ROUNDS):
        tokens = await log_in(here, await world.user())
        client = there.bearing(tokens["accessToken"])
        socket = await open_socket(there, tokens["accessToken"])
        assert await client.failed(VIEWER) == []
        await here.bearing(tokens["accessToken"]).do("logOut", {})
        took = await asyncio.gather(
            seconds_until(client, VIEWER, "UNAUTHENTICATED"), seconds_until_closed(socket, 4401)
        )
        assert max(took) < SECONDS


async def test_reuse_of_a_refresh_token_ends_the_session_at_the_other_process(
    world: World, pair: tuple[Client, Client]
) -> None:
    here, there = pair
    for _ in range(ROUNDS):
        tokens = await log_in(here, await world.user())
        stolen = there.bearing(tokens["accessToken"])
        assert await stolen.failed(VIEWER) == []
        socket = await open_socket(there, tokens["accessToken"])
        await pass_time(world)
        await use(world, there, await refreshed(there, tokens))
        await pass_time(world)
        assert await refusal(here, tokens) == ["SESSION_ENDED"]
        assert await seconds_until_closed(socket, 4401) < SECONDS
        assert await seconds_until(stolen, VIEWER, "UNAUTHENTICATED") < SECONDS


async def test_a_former_admin_has_no_rights_at_either_process(
    world: World, pair: tuple[Client, Client]
) -> None:
    """And their sockets are closed with a code after which clients authenticate again."""
    transactions = Transactions(world.database, PubSub(UNREACHABLE))
    admin = await world.admin()
    clients = [client.signed_in(admin) for client in pair]
    token = clients[0].headers["Authorization"].partition(" ")[2]
    for client in clients:
        assert await client.failed(DEAD_LETTERS) == []
    socket = await open_socket(pair[1], token)
    async with transactions.begin() as session:
        await change_role(session, user_id=admin.id, role=Role.USER)
    took = await asyncio.gather(
        *(seconds_until(client, DEAD_LETTERS, "FORBIDDEN") for client in clients),
        seconds_until_closed(socket, 4403),
    )
    assert max(took) < SECONDS


async def test_a_revoked_api_token_ends_at_once_and_its_sockets_soon(
    world: World, pair: tuple[Client, Client]
) -> None:
    here, there = pair
    user = await world.user()
    token, secret = await world.api_token(user)
    socket = await open_socket(there, secret)
    revoked = {"apiTokenId": gid(token)}
    assert await here.signed_in(user).refusal_codes("revokeApiToken", revoked) == []
    assert await there.bearing(secret).failed(VIEWER) == ["UNAUTHENTICATED"]
    assert await seconds_until_closed(socket, 4401) < SECONDS


async def test_a_suspended_user_has_no_access_at_either_process(
    world: World, pair: tuple[Client, Client]
) -> None:
    """By no session, API token or socket; and what an admin does as the user ends too."""
    here, there = pair
    user, admin = await world.user(), await world.admin()
    _, secret = await world.api_token(user)
    tokens = await log_in(here, user)
    _, acting = await impersonate(here.signed_in(admin), user)
    clients = [there.bearing(tokens["accessToken"]), there.bearing(secret)]
    clients.append(replace(there, headers=acting.headers))
    sockets = [await open_socket(there, one) for one in (tokens["accessToken"], secret)]
    for client in clients:
        assert await client.failed(VIEWER) == []
    assert await here.signed_in(admin).refusal_codes("suspendUser", suspension(user)) == []
    took = await asyncio.gather(
        *(seconds_until(client, VIEWER, "UNAUTHENTICATED") for client in clients),
        *(seconds_until_closed(socket, 4401) for socket in sockets),
    )
    assert max(took) < SECONDS
    assert await log_in_codes(there, user) == ["USER_SUSPENDED"]
