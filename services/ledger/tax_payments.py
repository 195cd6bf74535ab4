"""Payments of taxes to authorities: recorded by one admin, approved by another one.

The approval is that of adjustments. It holds the row of the account of the tax, so that two
payments at once are not more than what is due. Postings to the account do not wait for it: a refund
that comes later can take its balance below zero, which the next payments make up for.
"""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.audit import AuditAct
from models.ledger.accounts import Account, AccountKind, LedgerAccount
from models.ledger.adjustments import LedgerAdjustment
from models.ledger.tax_payments import TaxNotDue, TaxPaymentDraft
from services import idempotency
from services.audit import entries as audit
from services.ledger.balances import read_balance
from services.viewer import Viewer


async def record_tax_payment(
    session: AsyncSession, viewer: Viewer, draft: TaxPaymentDraft, *, idempotency_key: str
) -> LedgerAdjustment:
    """Propose to post a tax that was paid. Another admin approves it, as an adjustment.

    Raises `TaxNotDue` and `TaxPaymentRecorded`.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session, viewer, "recordTaxPayment", idempotency_key, **draft.model_dump()
    )
    if claimed.replayed is not None:
        return await session.get_one(LedgerAdjustment, claimed.replayed)
    one = LedgerAdjustment(
        debit=AccountKind(draft.tax),
        credit=AccountKind.BANK,
        proposed_by=admin_id,
        **draft.model_dump(exclude={"tax"}),
    )
    await _ensure_due(session, one.account(one.debit), one.amount)
    session.add(one)
    audit.append(session, viewer, AuditAct.RECORD_TAX_PAYMENT, subject_id=one.id)
    await session.flush()
    await idempotency.record_result(session, claimed, one.id)
    return one


async def lock_due(session: AsyncSession, one: LedgerAdjustment) -> None:
    """Lock the account of a tax until the commit. Raises `TaxNotDue` if less is due by now."""
    tax = one.account(one.debit)
    rows = select(LedgerAccount.id).where(
        LedgerAccount.kind == tax.kind,
        LedgerAccount.currency == tax.currency,
        col(LedgerAccount.owner_id).is_(None),
    )
    await session.exec(for_change(rows))
    await _ensure_due(session, tax, one.amount)


async def _ensure_due(session: AsyncSession, tax: Account, amount: int) -> None:
    due = await read_balance(session, tax)
    if amount > due:
        raise TaxNotDue(due=due, currency=tax.currency)
