"""Read connections: one round trip, deadlines, outages, cancellation and a full pool."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Integer, bindparam
from sqlmodel import func, literal, select

from core import database as deadlines
from core.database import Database
from core.errors import Unavailable
from core.settings import Settings
from core.statements import read_connections
from core.statements.statement import Statement

ECHO: Statement[asyncpg.Record] = Statement(
    select(bindparam("number", type_=Integer).label("number"), func.pg_backend_pid().label("pid"))
)
SLEEP: Statement[asyncpg.Record] = Statement(select(func.pg_sleep(bindparam("seconds"))))
TEXT: Statement[asyncpg.Record] = Statement(select(func.length(bindparam("text"))))
IN_TRANSACTION: Statement[asyncpg.Record] = Statement(
    select(func.now().label("began"), func.statement_timestamp().label("sent"))
)
SETTING: Statement[asyncpg.Record] = Statement(
    select(func.current_setting(bindparam("name")).label("value"))
)


@pytest.fixture
async def single(settings: Settings) -> AsyncIterator[Database]:
    """Open a database with one read connection."""
    database = Database(settings.sqlalchemy_url, pool=2, read_pool=1)
    yield database
    await database.close()


async def pid(database: Database) -> int:
    (row,) = await database.reads.fetch(ECHO, {"number": 1})
    process: int = row["pid"]
    return process


async def test_connections_are_kept_and_opened_as_needed(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url, read_pool=3)
    assert await pid(database) == await pid(database)
    together = await asyncio.gather(*(pid(database) for _ in range(9)))
    assert len(set(together)) <= 3
    await database.close()
    assert database.reads._idle == []


async def test_connections_have_the_settings_of_sessions(single: Database) -> None:
    for name, value in deadlines._server_settings(deadlines.STATEMENT_SECONDS).items():
        (row,) = await single.reads.fetch(
            Statement(select(func.set_config(bindparam("name"), bindparam("value"), False))),
            {"name": name, "value": value},
        )
        expected = row[0]
        (row,) = await single.reads.fetch(SETTING, {"name": name})
        assert row["value"] == expected
    (row,) = await single.reads.fetch(SETTING, {"name": "plan_cache_mode"})
    assert row["value"] == "force_generic_plan"


async def test_a_value_that_is_refused_keeps_the_connection(single: Database) -> None:
    first = await pid(single)
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        await single.reads.fetch(TEXT, {"text": "\0"})
    with pytest.raises(asyncpg.DataError):
        await single.reads.fetch(ECHO, {"number": "one"})
    with pytest.raises(TypeError):
        await single.reads.fetch(ECHO, {})
    assert await pid(single) == first


async def test_a_slow_statement_ends_with_its_deadline(single: Database) -> None:
    first = await pid(single)
    with pytest.raises(asyncpg.QueryCanceledError):
        await single.reads.fetch(SLEEP, {"seconds": 60})
    assert await pid(single) == first, "PostgreSQL has answered"


async def test_a_cancelled_statement_ends_and_its_connection_is_replaced(
    single: Database, database: Database
) -> None:
    first = await pid(single)
    slow = asyncio.create_task(single.reads.fetch(SLEEP, {"seconds": 60}))
    await _wait_until(database, first, active=True)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    for number in range(5):
        (row,) = await single.reads.fetch(ECHO, {"number": number})
        assert row["number"] == number
        assert row["pid"] != first
    await _wait_until(database, first, active=False)


async def test_a_connection_that_was_ended_is_replaced(
    single: Database, database: Database
) -> None:
    first = await pid(single)
    async with database.session() as session:
        await session.execute(select(func.pg_terminate_backend(first, 5_000)))
    try:
        assert await pid(single) != first
    except Unavailable:  # its end was not noticed before
        assert await pid(single) != first


async def test_a_caller_that_waits_for_a_connection_too_long_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "POOL_SECONDS", 0.1)
    database = Database(settings.sqlalchemy_url, read_pool=1)
    slow = asyncio.create_task(database.reads.fetch(SLEEP, {"seconds": 1}))
    await asyncio.sleep(0)
    # Not `capture_logs`: it does not see a logger that an earlier test has used.
    warned: list[str] = []
    monkeypatch.setattr(read_connections.log, "warning", warned.append, raising=False)
    with pytest.raises(Unavailable):
        await database.reads.fetch(ECHO, {"number": 1})
    assert warned == ["database.pool_exhausted"]
    await slow
    assert await pid(database), "the place is free again"
    await database.close()


async def test_outages_of_sessions_and_reads_open_one_breaker(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(settings.sqlalchemy_url)
    asked = 0

    async def fail() -> Any:
        nonlocal asked
        asked += 1
        raise OSError

    monkeypatch.setattr(database.reads, "_connect", fail)
    for _ in range(5):
        with pytest.raises(Unavailable):
            await database.reads.fetch(ECHO, {"number": 1})
    assert asked == 3
    with pytest.raises(Unavailable):
        async with database.session():
            pytest.fail("the breaker is open")
    await database.close()


async def test_without_prepared_statements_nothing_is_kept(settings: Settings) -> None:
    """As PgBouncer in transaction mode needs it; sessions too."""
    database = Database(settings.sqlalchemy_url, read_pool=1, prepared_statements=False)
    kept: Statement[asyncpg.Record] = Statement(
        select(func.count()).select_from(func.pg_prepared_statement())
    )
    for number in range(3):
        (row,) = await database.reads.fetch(ECHO, {"number": number})
        assert row["number"] == number
    assert (await database.reads.fetch(kept, {}))[0][0] == 0
    async with database.session() as session:
        await session.execute(select(literal(1)))
        assert (
            await session.execute(select(func.count()).select_from(func.pg_prepared_statement()))
        ).scalar_one() == 0
    await database.close()


async def _wait_until(database: Database, process: int, *, active: bool) -> None:
    """Wait for a process of PostgreSQL to run a statement, or to have ended it."""
    deadline = time.monotonic() + 20
    while await _is_active(database, process) != active:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def _is_active(database: Database, process: int) -> bool:
    async with database.session() as session:
        states = func.pg_stat_get_activity(process).table_valued("state")
        found = await session.execute(select(states.c.state))
        return found.scalars().first() == "active"
