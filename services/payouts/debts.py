"""Debts of vendors: noticed by a job, netted with later sales, written off by two admins."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Integer, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.audit import AuditAct
from models.errors import NotFound
from models.ledger.adjustments import AdjustmentDraft, LedgerAdjustment
from models.notifications.inbox import NotificationKind
from models.payouts.debts import NOTICE_DAYS, DebtTooSmall, VendorDebt
from models.vendors import Vendor
from services import idempotency
from services.audit import entries as audit
from services.ledger.balances import SUM, TAIL, VALID
from services.payouts.access import ensure_of_others
from services.payouts.balances import read_available
from services.payouts.notices import notify_owners_of
from services.transaction import OpenTransaction, by_ids
from services.viewer import Viewer

BATCH_SIZE = 100
BALANCES = Statement(
    text(
        f"""
        SELECT account.id, owner_id, currency, CAST({SUM} AS bigint) AS balance
        FROM (
            SELECT * FROM ledger_account WHERE kind = 'V_AVAILABLE' AND id > :last
            ORDER BY id LIMIT :batch
        ) AS account {TAIL.format(valid=VALID, until="")}
        ORDER BY account.id
        """  # noqa: S608 - constants of this module
    ).bindparams(bindparam("last", type_=Uuid()), bindparam("batch", type_=Integer()))
)


async def follow_debts(transaction: OpenTransaction) -> None:
    """Note which balances are below zero, since when, and which are not any more."""
    await by_ids(transaction, _follow_batch)


async def _follow_batch(session: AsyncSession, last: UUID) -> UUID | None:
    """Follow a batch of accounts after the one with this id. Returns the id of the last one."""
    rows = await BALANCES.fetch(await connection_of(session), last=last, batch=BATCH_SIZE)
    owing = {(row["owner_id"], row["currency"]) for row in rows if row["balance"] < 0}
    ids = {row["owner_id"] for row in rows}
    known = select(VendorDebt).where(col(VendorDebt.vendor_id).in_(ids))
    of_batch = {(row["owner_id"], row["currency"]) for row in rows}
    for debt in (await session.exec(known)).all():
        if (debt.vendor_id, debt.currency) in of_batch - owing:
            await session.delete(debt)
    if owing:
        moment = now()
        values = [{"vendor_id": id, "currency": of, "since": moment} for id, of in sorted(owing)]
        await session.execute(insert(VendorDebt).values(values).on_conflict_do_nothing())
    return rows[-1]["id"] if len(rows) == BATCH_SIZE else None


async def notify_debtors(transaction: OpenTransaction) -> None:
    """Notify the owners of vendors that have owed money for 60 days, once for each debt."""
    due = select(VendorDebt.vendor_id, VendorDebt.currency).where(
        col(VendorDebt.noticed_at).is_(None),
        col(VendorDebt.since) <= now() - timedelta(days=NOTICE_DAYS),
    )
    async with transaction() as session:
        found: Sequence[tuple[UUID, str]] = (await session.exec(due.limit(1000))).all()
    for vendor_id, currency in found:
        async with transaction() as session:
            await _notify(session, vendor_id, currency)


async def _notify(session: AsyncSession, vendor_id: UUID, currency: str) -> None:
    rows = select(VendorDebt).where(
        VendorDebt.vendor_id == vendor_id, VendorDebt.currency == currency
    )
    debt = (await session.exec(for_change(rows))).first()
    if debt is None or debt.noticed_at is not None:
        return
    debt.noticed_at = now()
    await session.flush()
    # A vendor has one currency, and a day has one debt.
    day = debt.since.toordinal()
    kind = NotificationKind.VENDOR_IN_DEBT
    await notify_owners_of(session, vendor_id, kind, vendor_id, number=day)


async def write_off_vendor_debt(
    session: AsyncSession,
    viewer: Viewer,
    draft: AdjustmentDraft,
    *,
    vendor_id: UUID,
    idempotency_key: str,
) -> LedgerAdjustment:
    """Propose to write off what a vendor owes. Another admin approves it, as an adjustment.

    Raises `DebtTooSmall`, `OwnPayout` and `NotFound`.
    """
    admin_id = viewer.require_admin()
    given = draft.model_dump() | {"vendor_id": vendor_id}
    claimed = await idempotency.claim(
        session, viewer, "writeOffVendorDebt", idempotency_key, **given
    )
    if claimed.replayed is not None:
        return await session.get_one(LedgerAdjustment, claimed.replayed)
    vendor = await session.get(Vendor, vendor_id)
    if vendor is None:
        raise NotFound
    await ensure_of_others(session, admin_id, [vendor_id])
    if draft.amount > -await read_available(session, vendor_id, draft.currency):
        raise DebtTooSmall
    one = LedgerAdjustment(owner_id=vendor_id, proposed_by=admin_id, **draft.model_dump())
    session.add(one)
    audit.append(session, viewer, AuditAct.WRITE_OFF_DEBT, subject_id=one.id)
    await session.flush()
    await idempotency.record_result(session, claimed, one.id)
    return one
