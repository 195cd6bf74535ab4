"""Payouts that are planned: by the schedule of a vendor, or because an owner asked for one.

Planning moves no money. It leaves the balance when the payout is started.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import FIRST_ID
from core.money import in_major_units
from models.audit import AuditAct
from models.errors import NotFound, Refusal
from models.members import Permission
from models.payouts.accounts import PayoutAccount, PayoutAccountMissing, PayoutAccountState
from models.payouts.payouts import (
    InvalidPayoutState,
    Payout,
    PayoutCause,
    PayoutOpen,
    PayoutState,
    PayoutTooLarge,
    PayoutTooSmall,
    minimum,
)
from models.payouts.terms import PayoutSchedule, PayoutTerms
from services import idempotency, jobs
from services.audit import entries as audit
from services.payouts.access import (
    ensure_not_held,
    find_account,
    lock_account,
    lock_payout,
    visible_payouts,
)
from services.payouts.accounts.terms import PayoutPolicy
from services.payouts.balances import read_available
from services.payouts.changes import publish_change
from services.transaction import OpenTransaction, one_by_one
from services.vendors.access import access_vendor
from services.viewer import Viewer

BATCH_SIZE = 100
OPEN = (PayoutState.PLANNED, PayoutState.SENDING, PayoutState.UNKNOWN)
PERIODS = {  # an hour less, so that a run which starts a little earlier is not skipped
    PayoutSchedule.DAILY: timedelta(hours=23),
    PayoutSchedule.WEEKLY: timedelta(days=7, hours=-1),
}


async def request_payout(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    amount: int | None,
    idempotency_key: str,
) -> Payout:
    """Plan a payout of an amount, or of all that is available. For owners.

    Raises `PayoutAccountMissing`, `PayoutAccountNotReady`, `PayoutsHeld`, `PayoutOpen`,
    `PayoutTooSmall` and `PayoutTooLarge`.
    """
    claimed = await idempotency.claim(
        session, viewer, "requestPayout", idempotency_key, vendor_id=vendor_id, amount=amount
    )
    if claimed.replayed is not None:
        rows = visible_payouts(viewer).where(Payout.id == claimed.replayed)
        return (await session.exec(rows)).one()
    vendor = await access_vendor(session, viewer, vendor_id, Permission.MANAGE_PAYOUTS)
    account = await find_account(session, vendor_id, vendor.currency)
    if account is None:
        raise PayoutAccountMissing
    payout = await plan_payout(session, account, amount=amount)
    payout.requested_by = viewer.require_user()
    audit.append(session, viewer, AuditAct.REQUEST_PAYOUT, subject_id=payout.id)
    await idempotency.record_result(session, claimed, payout.id)
    return payout


async def cancel_payout(session: AsyncSession, viewer: Viewer, *, payout_id: UUID) -> Payout:
    """Cancel a payout that is PLANNED: its money has not left the balance. For owners.

    A second call changes nothing. Raises `InvalidPayoutState` for one that was started.
    """
    viewer.require_user()
    rows = visible_payouts(viewer).where(Payout.id == payout_id)
    seen = (await session.exec(rows)).first()
    if seen is None:
        raise NotFound
    await access_vendor(session, viewer, seen.vendor_id, Permission.MANAGE_PAYOUTS)
    payout = await lock_payout(session, payout_id)
    if payout.cause is PayoutCause.WITHDRAWN:
        return payout
    if payout.state is not PayoutState.PLANNED:
        raise InvalidPayoutState
    payout.end(PayoutState.CANCELLED, PayoutCause.WITHDRAWN)
    audit.append(session, viewer, AuditAct.CANCEL_PAYOUT, subject_id=payout.id)
    publish_change(session, payout.vendor_id, payout.id)
    return payout


async def plan_payout(
    session: AsyncSession, account: PayoutAccount, *, amount: int | None = None
) -> Payout:
    """Plan a payout into an account, which is locked. Raises what `request_payout` raises."""
    account.ensure_usable()
    await ensure_not_held(session, [account.vendor_id])
    currency = account.currency
    if await _has_open(session, account):
        raise PayoutOpen
    available = await read_available(session, account.vendor_id, currency)
    if amount is not None and amount > max(available, 0) >= minimum(currency):
        shown = in_major_units(available, currency)
        raise PayoutTooLarge(available=shown, currency=currency, field=["amountMinor"])
    wanted = available if amount is None else amount
    if min(wanted, available) < minimum(currency):
        raise PayoutTooSmall.of(currency)
    payout = Payout(
        vendor_id=account.vendor_id,
        payout_account_id=account.id,
        currency=currency,
        rail=account.rail,
        amount=wanted,
    )
    session.add(payout)
    await session.flush()
    if account.rail.provider is not None:
        await jobs.defer(session, "start_payout", payout_id=payout.id)
    publish_change(session, account.vendor_id, payout.id)
    return payout


async def _has_open(session: AsyncSession, account: PayoutAccount) -> bool:
    rows = select(Payout.id).where(
        Payout.vendor_id == account.vendor_id,
        Payout.currency == account.currency,
        col(Payout.state).in_(OPEN),
    )
    return (await session.exec(rows)).first() is not None


async def plan_due(transaction: OpenTransaction, policy: PayoutPolicy) -> int:
    """Plan a payout for each vendor that is due by its schedule. Returns the number.

    A vendor is paid out a day or a week after its last payout, so that a run which was missed is
    made up for.
    """

    async def plan(session: AsyncSession, payout_account_id: UUID) -> bool:
        return await plan_if_due(session, payout_account_id, policy)

    planned, last = 0, FIRST_ID
    while ids := await _find_accounts(transaction, last):
        for id in ids:
            planned += await one_by_one(transaction, [id], plan)
        last = ids[-1]
    return planned


async def plan_if_due(session: AsyncSession, payout_account_id: UUID, policy: PayoutPolicy) -> bool:
    """Plan the payout of an account if it is due, and enough is available."""
    account = await lock_account(session, payout_account_id)
    schedule = policy.schedule_of(await session.get(PayoutTerms, account.vendor_id))
    if schedule is PayoutSchedule.MANUAL or not await _is_due(session, account, schedule):
        return False
    try:
        await plan_payout(session, account)
    except Refusal:
        return False
    return True


async def _is_due(session: AsyncSession, account: PayoutAccount, schedule: PayoutSchedule) -> bool:
    recent = select(Payout.id).where(
        Payout.vendor_id == account.vendor_id,
        Payout.currency == account.currency,
        Payout.state != PayoutState.CANCELLED,
        col(Payout.created_at) > now() - PERIODS[schedule],
    )
    return (await session.exec(recent)).first() is None


async def _find_accounts(transaction: OpenTransaction, last: UUID) -> Sequence[UUID]:
    rows = (
        select(PayoutAccount.id)
        .where(
            PayoutAccount.state == PayoutAccountState.ACTIVE,
            PayoutAccount.usable_from <= now(),
            PayoutAccount.id > last,
        )
        .order_by(col(PayoutAccount.id))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        return (await session.exec(rows)).all()
