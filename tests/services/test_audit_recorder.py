"""Audit entries without a transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.audit import AuditAct
from services.audit import recorder as recorders
from services.audit.recorder import MAX_PENDING, AuditRecorder
from services.transaction import Transactions
from services.viewer import Viewer
from tests.factories.world import World

STORED = text("SELECT count(*), coalesce(sum(times), 0) FROM audit_entry")


async def stored(database: Database) -> tuple[int, int]:
    async with database.session() as session:
        count, times = (await session.execute(STORED)).one()
        return count, int(times)


async def test_pending_entries_are_limited(
    world: World, database: Database, transactions: Transactions
) -> None:
    recorder = AuditRecorder(transactions)
    for number in range(MAX_PENDING + 5):
        viewer = Viewer(user_id=UUID(int=number + 1))
        recorder.refused(viewer, AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    await recorder.flush()
    assert await stored(database) == (MAX_PENDING, MAX_PENDING)


async def test_entries_stay_pending_while_the_database_is_away(
    world: World,
    database: Database,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: object = None) -> None:
        raise OperationalError("BEGIN", None, ConnectionRefusedError())

    recorder = AuditRecorder(transactions)
    user = Viewer(user_id=UUID(int=1))
    recorder.refused(user, AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    with monkeypatch.context() as away:
        away.setattr(transactions, "begin", refuse)
        await recorder.flush()
        recorder.refused(user, AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    assert await stored(database) == (0, 0)
    await recorder.flush()
    assert await stored(database) == (1, 2)


async def test_stopping_waits_for_a_running_flush(
    world: World,
    database: Database,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin, flushing, proceed = transactions.begin, asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def pause() -> AsyncIterator[AsyncSession]:
        flushing.set()
        await proceed.wait()
        async with begin() as session:
            yield session

    monkeypatch.setattr(recorders, "FLUSH_SECONDS", 0.01)
    monkeypatch.setattr(transactions, "begin", pause)
    recorder = AuditRecorder(transactions)
    recorder.refused(Viewer(user_id=UUID(int=1)), AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    await recorder.start()
    await flushing.wait()
    stopping = asyncio.create_task(recorder.stop())
    await asyncio.sleep(0)
    proceed.set()
    await stopping
    assert await stored(database) == (1, 1)


@pytest.mark.parametrize("bad", [{"code": "X" * 41}, {"network": "\ud800"}, {"times": 2**40}])
async def test_an_entry_that_is_refused_keeps_no_other_out(
    world: World, database: Database, transactions: Transactions, bad: dict[str, Any]
) -> None:
    recorder = AuditRecorder(transactions)
    before = lost("refused")
    for number in range(7):
        viewer = Viewer(user_id=UUID(int=number + 1))
        recorder.refused(viewer, AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    entry = [*recorder._pending.values()][3]
    for name, value in bad.items():
        setattr(entry, name, value)
    await recorder.flush()
    assert await stored(database) == (6, 6)
    assert lost("refused") - before == entry.times
    recorder.refused(Viewer(user_id=UUID(int=9)), AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    await recorder.flush()
    assert await stored(database) == (7, 7)
    assert recorder._pending == {}


async def test_dropped_entries_are_counted(
    world: World, database: Database, transactions: Transactions
) -> None:
    recorder, before = AuditRecorder(transactions), lost("overflow")
    for number in range(MAX_PENDING + 5):
        viewer = Viewer(user_id=UUID(int=number + 1))
        recorder.refused(viewer, AuditAct.LOG_IN, "WRONG_CREDENTIALS")
    await recorder.flush()
    assert lost("overflow") - before == 5


def lost(reason: str) -> float:
    return float(
        REGISTRY.get_sample_value("haat_audit_entries_lost_total", {"reason": reason}) or 0
    )
