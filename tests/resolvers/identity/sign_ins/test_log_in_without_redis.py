"""Log-ins are limited while Redis hangs or is down."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from app import create_app
from core.redis import timeouts as redis_timeouts
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.processes import paused
from tests.resolvers.identity.browser import BrowserPages
from tests.running import Valkey, stopped

VIEWER = "{ viewer { id } }"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with Valkey(tmp_path) as valkey:
        yield valkey


@pytest.fixture
async def client(settings: Settings, keys: SigningKeys, valkey: Valkey) -> AsyncIterator[Client]:
    """Return a client of an app with a Redis of its own."""
    app = create_app(settings.model_copy(update={"redis_url": valkey.url}))
    transport = httpx.ASGITransport(app=app, client=(uuid4().hex, 1))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://haat") as http,
    ):
        yield Client(http, keys)


@pytest.mark.parametrize("hangs", [True, False])
async def test_log_in_is_slowed_while_redis_is_away(
    world: World, client: Client, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, *, hangs: bool
) -> None:
    monkeypatch.setattr(redis_timeouts, "REQUEST_WAIT_SECONDS", 0.1)
    user = await world.user(email=f"{uuid4().hex}@haat.example")
    with paused(valkey.pid) if hangs else stopped(valkey):
        wrong = {"email": email_of(user), "password": "wrong"}
        answers = Counter([str(await client.mutation_failed("logIn", wrong)) for _ in range(40)])
    assert answers["['RATE_LIMITED']"] >= 35, answers
    assert answers["['RATE_LIMITED']"] < 40, "log-in works without Redis"
    other = await world.user(email=f"{uuid4().hex}@haat.example")
    right = {"email": email_of(other), "password": PASSWORD}
    assert await client.refusal_codes("logIn", right) == []


@pytest.mark.parametrize("hangs", [True, False])
async def test_a_browser_stays_signed_in_while_redis_is_away(
    world: World, client: Client, valkey: Valkey, monkeypatch: pytest.MonkeyPatch, *, hangs: bool
) -> None:
    """PostgreSQL has the sessions: their copies in Redis only make them faster."""
    monkeypatch.setattr(redis_timeouts, "REQUEST_WAIT_SECONDS", 0.1)
    owner = await world.user(email=f"{uuid4().hex}@haat.example")
    vendor = await world.vendor(owner)
    pages, other = BrowserPages(client.http), BrowserPages(client.http)
    await pages.log_in(owner)
    with paused(valkey.pid) if hangs else stopped(valkey):
        assert await pages.ask(VIEWER) == {"viewer": {"id": gid(owner)}}
        former = pages.cookie
        assert (await pages.act(vendorId=gid(vendor)))["errors"] == []
        assert await pages.ask(VIEWER) == {"viewer": {"id": gid(owner)}}
        other.cookie = former
        assert await other.failed(VIEWER) == ["UNAUTHENTICATED"]
        other.cookie = None
        await other.log_in(owner)
        assert await other.ask(VIEWER) == {"viewer": {"id": gid(owner)}}
        assert (await pages.do("logOut", {}))["errors"] == []
        assert await pages.failed(VIEWER) == []
    assert await other.ask(VIEWER) == {"viewer": {"id": gid(owner)}}, "and afterwards"
