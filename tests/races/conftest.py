"""Two server processes on one database, and ways to take a guard away."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack

import httpx
import pytest
from sqlalchemy import text

from core.database import Database
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from services.offers import first_claims
from tests import network_limits
from tests.client import Client
from tests.factories.world import World
from tests.processes import free_port, running, wait_until_ready

CARRIER_SECRET = "whsec_" + "c2VjcmV0" * 4  # 24 bytes
Drop = Callable[[str], Awaitable[None]]

DEFINITION = text(
    """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
        format('ALTER TABLE %s ADD CONSTRAINT %I %s',
            conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE conname = :name
    UNION ALL
    SELECT format('DROP INDEX %I', :name), indexdef FROM pg_indexes WHERE indexname = :name
    LIMIT 1
    """
)


@pytest.fixture(scope="session")
async def servers(settings: Settings, keys: SigningKeys) -> AsyncIterator[list[Client]]:
    """Start two server processes on this test's database, and yield an anonymous client of each."""
    environment = {
        "DATABASE_URL": settings.database_url or "",
        "REDIS_URL": settings.redis,
        "KEYS_FILE": str(settings.keys_file),
        "LOG_FORMAT": "json",
        "CARRIER_SECRETS": f"haat-post={CARRIER_SECRET}",
        **network_limits.IN_ENVIRONMENT,
    }
    urls = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    with ExitStack() as processes:
        for url in urls:
            port = url.rpartition(":")[2]
            processes.enter_context(running("serve", PORT=port, **environment))
        async with AsyncExitStack() as stack:
            clients = []
            for url in urls:
                wait_until_ready(url)
                limits = httpx.Limits(max_connections=None)
                http = httpx.AsyncClient(base_url=url, limits=limits, timeout=30)
                clients.append(Client(await stack.enter_async_context(http), keys))
            yield clients


@pytest.fixture
async def drop(superuser: Database) -> AsyncIterator[Drop]:
    """Drop a constraint or unique index by name; all are restored once the rows are gone."""
    restore: list[str] = []

    async def drop(name: str) -> None:
        async with superuser.session() as session, session.begin():
            (away, back) = (await session.execute(DEFINITION, {"name": name})).one()
            await session.execute(text(away))
        restore.append(back)

    yield drop
    async with superuser.session() as session, session.begin():
        for statement in restore:
            await session.execute(text(statement))


@pytest.fixture(params=["one process", "two processes"])
def clients(request: pytest.FixtureRequest, api: Client) -> list[Client]:
    """Return clients of the app in this process, then of two server processes."""
    if request.param == "one process":
        return [api, api]
    both: list[Client] = request.getfixturevalue("servers")
    return both


@pytest.fixture
async def world(drop: Drop, world: World) -> World:
    """Depend on `drop`, so that rows are deleted before the dropped constraints are restored."""
    return world


@pytest.fixture
def no_first_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let claims in this process go statement by statement, as those of a second voucher do."""

    async def none(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(first_claims, "claim", none)
