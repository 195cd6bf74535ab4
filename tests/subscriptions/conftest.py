"""A server process, a shop that redeems through it, and subscribers."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from strawberry.relay import to_base64

from core.database import Database
from core.redis.pubsub import PubSub
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from models.redemptions import Voucher
from models.vendors import Vendor
from services.journal import queries
from services.journal.cursor import CursorCodec
from services.journal.topics import user_topic, vendor_topic
from services.transaction import Transactions
from tests import npm, servers
from tests.client import Client, gid
from tests.factories.world import World
from tests.running import Server, Valkey, serving
from tests.subscriptions import subscription_client
from tests.subscriptions.in_process_server import InProcessServer
from tests.subscriptions.subscription_client import SubscriptionClient

SCANS = count(1)
AT_THE_TILL = """
subscription ($vendorId: ID!, $after: String) {
  vendorRedemptions(vendorId: $vendorId, after: $after) {
    kind cursor redemption { id outcome reason }
  }
}"""
OF_A_VOUCHER = """
subscription ($voucherId: ID!, $after: String) {
  redemptionStatus(voucherId: $voucherId, after: $after) {
    kind cursor voucher { id state } redemption { id outcome }
  }
}"""


@pytest.fixture(scope="session", autouse=True)
def _clients() -> None:
    npm.install(subscription_client.CLIENTS)


@pytest.fixture(scope="session")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all tests that do not disturb it; it must log no traceback."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(settings, servers.new_redis_url(), log) as server:
        yield server
    assert "Traceback" not in log.read_text()


Subscribe = Callable[..., Awaitable[SubscriptionClient]]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """Start a Valkey that tests may stop; it restarts on the same port."""
    with Valkey(tmp_path_factory.mktemp("valkey")) as valkey:
        yield valkey


@pytest.fixture
async def subscribe(world: World) -> AsyncIterator[Subscribe]:
    """Start clients; they are stopped before the tables are emptied."""
    async with AsyncExitStack() as stack:

        async def start(**asked: Any) -> SubscriptionClient:
            started = await SubscriptionClient.start(**asked)
            stack.push_async_callback(started.stop)
            return started

        yield start


@dataclass(frozen=True)
class Shop:
    """A vendor with its owner, a customer with a voucher, and a client of the server."""

    api: Client
    database: Database
    start: Subscribe
    owner: User
    customer: User
    vendor: Vendor
    voucher: Voucher

    @property
    def topic(self) -> str:
        return vendor_topic(self.vendor.id)

    @property
    def customer_topic(self) -> str:
        return user_topic(self.customer.id)

    def at(self, server: Server | InProcessServer) -> "Shop":
        """Return the same shop on another server."""
        http = httpx.AsyncClient(base_url=server.url, timeout=20)
        return replace(self, api=replace(self.api, http=http))

    async def fetch(self, path: str) -> str:
        """Fetch a page over a new connection."""
        async with httpx.AsyncClient(base_url=self.api.http.base_url) as http:
            return (await http.get(path)).text

    async def present(self, **given: str) -> str:
        """Present a voucher, or an unknown code, and return the id of the attempt."""
        attempt = {"vendorId": gid(self.vendor), "idempotencyKey": f"scan {next(SCANS)}"}
        payload = await self.api.signed_in(self.owner).do(
            "redeemVoucher", attempt | (given or {"code": "nobody's"}), "redemption { id }"
        )
        assert payload["errors"] == []
        id: str = payload["redemption"]["id"]
        return id

    async def redeem(self) -> str:
        return await self.present(token=self.voucher.token)

    async def lag(self, *subscribers: SubscriptionClient) -> float:
        """Return the seconds from the till's response until all subscribers have the change."""
        seen = [len(subscriber.changes) for subscriber in subscribers]
        await self.present()
        answered = time.time()
        for subscriber, before in zip(subscribers, seen, strict=True):
            await subscriber.received(before + 1)
        came: float = max(subscriber.of_type("next")[-1]["at"] for subscriber in subscribers)
        return max(0.0, came - answered)

    async def subscribe_vendor(self, user: User | None = None, **more: Any) -> SubscriptionClient:
        """Subscribe to `vendorRedemptions` from now on, by default as the owner."""
        asked = {"tokens": [self.token(user or self.owner)]} | more
        here = {"vendorId": gid(self.vendor), "after": await self.cursor(self.topic)}
        variables = here | asked.pop("variables", {})
        return await self._subscribe(query=AT_THE_TILL, variables=variables, **asked)

    async def subscribe_voucher(self, user: User | None = None, **more: Any) -> SubscriptionClient:
        """Subscribe to `redemptionStatus` from now on, by default as the voucher's owner."""
        asked = {"tokens": [self.token(user or self.customer)]} | more
        here = {"voucherId": gid(self.voucher), "after": await self.cursor(self.customer_topic)}
        variables = here | asked.pop("variables", {})
        return await self._subscribe(query=OF_A_VOUCHER, variables=variables, **asked)

    def token(self, user: User, seconds: int = 900) -> str:
        """Sign an access token with any lifetime."""
        token, _ = self.api.keys.sign_access(user.id, user.id, seconds / 60)
        return token

    async def cursor(self, topic: str, *, epoch: str | None = None, ahead: int = 0) -> str:
        """Return the cursor after all entries so far, of another history if it is given."""
        epoch = epoch or (await queries.sweep(self.database, None)).epoch
        heads = await queries.heads(self.database, [topic])
        position = {topic: seq + ahead for topic, seq in heads.items()}
        return CursorCodec(self.api.keys).encode(epoch, position)

    def entries(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Begin a unit of work that never signals, as if its process died after the commit."""
        return Transactions(self.database, PubSub("redis://nowhere")).begin()

    async def attempts(self) -> list[str]:
        """Return the ids of this vendor's attempts in the journal, in order."""
        async with self.database.session() as session:
            rows = await session.execute(ATTEMPTS, {"topic": self.topic})
            return [to_base64("Redemption", id) for id in rows.scalars()]

    async def _subscribe(self, **asked: Any) -> SubscriptionClient:
        url = str(self.api.http.base_url.join("/graphql"))
        return await self.start(**{"url": url, "transport": "ws"} | asked)


ATTEMPTS = text(
    "SELECT facts->>'redemption_id' FROM journal_entry WHERE topic = :topic ORDER BY seq"
)


@pytest.fixture
async def shop(
    server: Server, world: World, keys: SigningKeys, database: Database, subscribe: Subscribe
) -> AsyncIterator[Shop]:
    owner, customer = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    voucher = await world.voucher(await world.offer(vendor), customer)
    async with httpx.AsyncClient(base_url=server.url, timeout=20) as http:
        yield Shop(Client(http, keys), database, subscribe, owner, customer, vendor, voucher)
