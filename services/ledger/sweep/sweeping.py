"""Sweeping the ledger every night, and what the sweeps have found."""

from time import monotonic

import structlog
from sqlalchemy import text
from sqlmodel import false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, newest_first
from models.ledger.sweeps import KEPT_DAYS, LedgerFinding, LedgerRule, LedgerSweep
from services.cleanup_tasks import delete_old_rows
from services.ledger.sweep.rules import RULES
from services.viewer import Viewer

log = structlog.get_logger(__name__)

FIND = text(RULES)
COUNT = text("SELECT count(*) FROM ledger_entry")


def visible_sweeps(viewer: Viewer) -> SelectOfScalar[LedgerSweep]:
    """Select sweeps. Only signed-in admins see them."""
    rows = select(LedgerSweep)
    return rows if viewer.admin else rows.where(false())


def list_sweeps(viewer: Viewer) -> Listing[LedgerSweep]:
    viewer.require_admin()
    return Listing(visible_sweeps(viewer), newest_first(LedgerSweep))


async def sweep_ledger(session: AsyncSession) -> LedgerSweep:
    """Compare all balances with the entries and the open rows, and store what differs.

    Each difference is an error in the log: money is not where the rows require it.
    """
    begun = monotonic()
    found = [
        LedgerFinding(LedgerRule(row.rule), row.subject, int(row.difference))
        for row in await session.execute(FIND)
    ]
    milliseconds = round((monotonic() - begun) * 1000)
    entries = await session.scalar(COUNT) or 0
    sweep = LedgerSweep.of(entries, milliseconds, found)
    session.add(sweep)
    for one in found:
        log.error("ledger.differs", rule=one.rule, subject=one.subject, difference=one.difference)
    log.info("ledger.swept", entries=entries, milliseconds=milliseconds, findings=len(found))
    return sweep


CLEANUP = [
    delete_old_rows(
        "DELETE FROM ledger_sweep WHERE id IN (SELECT id FROM ledger_sweep"
        " WHERE created_at < :before LIMIT :batch) RETURNING id",
        days=KEPT_DAYS,
    )
]
