"""A server is killed, or PostgreSQL restarts, while 64 clients claim and redeem.

All that was answered is stored then, and nothing else: who is not answered asks again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from core.database import Database
from core.runtime.embedded import as_role
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests import servers
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.network_limits import NOT_REACHED
from tests.outages.voucher_rush import CALLS, CAPACITY, CLIENTS, ROUNDS, VoucherRush
from tests.running import Postgres
from tests.soak.server_group import RestartableServer

UNSAFE = ("synchronous_commit = off", "wal_writer_delay = '10s'")


@pytest.fixture(scope="module")
def restartable(own_settings: Settings, folder: Path) -> Iterator[RestartableServer]:
    settings = own_settings.model_copy(update=NOT_REACHED)
    with RestartableServer(settings, folder / "rush.log") as server:
        yield server


@pytest.fixture
async def own_world(own_settings: Settings, keys: SigningKeys) -> AsyncIterator[World]:
    database = Database(own_settings.sqlalchemy_url, pool=5)
    yield World(database, keys)
    await database.close()


@pytest.fixture
async def rush(own_world: World, restartable: RestartableServer) -> AsyncIterator[VoucherRush]:
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(base_url=restartable.url, limits=limits, timeout=30) as http:
        yield await VoucherRush.open(own_world, http)


async def interrupt(rush: VoucherRush, fail: Callable[[], None]) -> None:
    """Run a rush with a failure in the middle of it."""
    running = asyncio.create_task(rush.run())
    await rush.wait_until(CALLS // 3)
    await asyncio.to_thread(fail)
    await running
    await rush.till.world.database.engine.dispose()
    assert rush.errors, "some were not answered, and asked again"


async def ensure_stored(rush: VoucherRush) -> None:
    """Check that what was answered is stored, once, and that no counter differs from its rows."""
    stored = await rush.stored()
    assert stored == rush.answered
    assert len(stored["Voucher"]) == len(stored["Redemption"]) == CAPACITY
    assert rush.refused == {"OFFER_SOLD_OUT": CLIENTS * ROUNDS - CAPACITY}
    assert (await rush.till.world.fresh(rush.till.offer)).claimed == CAPACITY
    await check_invariants(rush.till.world.database)


async def test_a_killed_server_loses_nothing_that_it_answered(
    rush: VoucherRush, restartable: RestartableServer
) -> None:
    def fail() -> None:
        restartable.kill()
        restartable.start()

    await interrupt(rush, fail)
    await ensure_stored(rush)


async def test_a_postgres_that_restarts_loses_nothing_that_was_answered(
    rush: VoucherRush, postgres: Postgres
) -> None:
    await interrupt(rush, postgres.restart)
    assert "INTERNAL" not in rush.errors
    await ensure_stored(rush)


async def test_answers_are_lost_if_commits_are_not_written(
    rush: VoucherRush, postgres: Postgres, own_settings: Settings
) -> None:
    """The control: a commit that is answered before its log is written is lost in a crash."""
    url = as_role(own_settings.sqlalchemy_url, servers.SUPERUSER)
    await configure(url, *(f"ALTER SYSTEM SET {one}" for one in UNSAFE))
    running = asyncio.create_task(rush.run())
    await rush.wait_until(CALLS // 4)
    answered = {kind: set(ids) for kind, ids in rush.answered.items()}
    running.cancel()
    await asyncio.to_thread(postgres.restart)
    await rush.till.world.database.engine.dispose()
    stored = await rush.stored()
    await configure(url, "ALTER SYSTEM RESET ALL")
    assert not answered["Voucher"] <= stored["Voucher"]


async def configure(url: str, *statements: str) -> None:
    """Change settings of PostgreSQL, which all its connections follow at once."""
    database = Database(url, pool=1)
    async with database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in (*statements, "SELECT pg_reload_conf()"):
            await autocommit.execute(text(statement))
    await database.close()
