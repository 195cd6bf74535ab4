"""Round trips, tasks, plans and memory of six requests are those of `expected.py`."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import count

import pytest
from starlette.applications import Starlette

from benchmarks.load.documents import CLAIM, LIST
from core.clock import now
from core.redis.pubsub import PubSub
from core.security.passwords import hash_password
from core.security.random_secrets import hash_secret
from core.security.signing_keys import SigningKeys
from models.identity.accounts import RefreshToken, User, UserSession
from models.vendors import Vendor
from tests.client import gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.smoke.expected import EXPECTED, Counts
from tests.smoke.measuring import REPETITIONS, WARM_UPS, Call, leave_cycles, measure, send

NESTED = """query { offers(first: 20) { nodes {
  title likeCount vendor { name offers(first: 3) { title category { name } } }
} } }"""
LOG_IN = """
mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken } } }
"""
REFRESH = """
mutation ($input: RefreshSessionInput!) {
  refreshSession(input: $input) { session { accessToken refreshToken } }
}
"""
HASHED = hash_password(PASSWORD)
OLD = timedelta(minutes=1)  # enough for a refresh token to be exchanged
TOLERANCE = 0.1  # of the memory; the counts are exact
NOISE = 8  # KiB; the same request takes more on some machines
NextCall = Callable[[], Awaitable[Call]]


class Market:
    """Twenty offers, each of a vendor of its own, and a user who claims others."""

    def __init__(self, world: World, keys: SigningKeys) -> None:
        self.world, self.numbers = world, count()
        self.user: User
        self.vendor: Vendor
        self.keys = keys

    async def build(self) -> "Market":
        self.user = await self.world.user()
        for _ in range(20):
            self.vendor = await self.world.vendor(category=await self.world.category())
            await self.world.offer(self.vendor)
        return self

    async def claim(self) -> Call:
        offer = await self.world.offer(self.vendor)
        token, _ = self.keys.sign_access(self.user.id, self.user.id, 15)
        key = f"claim {next(self.numbers)}"
        return Call(CLAIM, {"input": {"offerId": gid(offer), "idempotencyKey": key}}, token)

    async def log_in(self) -> Call:
        user = await self.world.user()
        user.password_hash = HASHED
        await self.world.save(user)
        return Call(LOG_IN, {"input": {"email": email_of(user), "password": PASSWORD}})

    async def refresh(self) -> Call:
        opened = UserSession(user_id=self.user.id)
        presented = f"refresh token {next(self.numbers)}"
        token = RefreshToken(
            session_id=opened.id,
            token_hash=hash_secret(presented),
            created_at=now() - OLD,
            expires_at=opened.idle_until,
        )
        await self.world.save(opened, token)
        return Call(REFRESH, {"input": {"refreshToken": presented}})


def same(query: str) -> NextCall:
    async def call() -> Call:
        return Call(query, {})

    return call


@pytest.fixture(scope="module")
async def market(module_world: World, keys: SigningKeys) -> Market:
    return await Market(module_world, keys).build()


@pytest.fixture(autouse=True)
def no_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish no signals: a task sends them later, together with those of other requests."""
    monkeypatch.setattr(PubSub, "publish", lambda *_: None)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_request_costs_what_is_expected(market: Market, app: Starlette, name: str) -> None:
    measured, expected = await measure(app, calls_of(market)[name]), EXPECTED[name]
    assert counts(measured) == counts(expected), row(name, measured)
    difference = abs(measured.kibibytes - expected.kibibytes)
    assert difference <= max(NOISE, TOLERANCE * expected.kibibytes), row(name, measured)


@pytest.mark.parametrize("name", EXPECTED)
async def test_a_request_leaves_no_cycles(market: Market, app: Starlette, name: str) -> None:
    """Collecting those of lists took an eighth of the time of each request."""
    next_call = calls_of(market)[name]
    for _ in range(WARM_UPS):
        await send(app, await next_call())
    left = [await leave_cycles(app, await next_call()) for _ in range(REPETITIONS)]
    assert min(left) == 0, left


def calls_of(market: Market) -> dict[str, NextCall]:
    return {
        "offers": same(LIST),
        "offers of vendors of offers": same(NESTED),
        "typename": same("{ __typename }"),
        "claimOffer": market.claim,
        "logIn": market.log_in,
        "refreshSession": market.refresh,
    }


def counts(found: Counts) -> Counts:
    return found._replace(kibibytes=0)


def row(name: str, measured: Counts) -> str:
    return f'Check the change, then write into expected.py: "{name}": {measured},'
