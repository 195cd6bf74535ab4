"""Adjustments of wallets, and approvals of all: proposed by one admin, approved by another one.

Rows are locked after the order and before the accounts of the ledger.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import false, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.identity.accounts import User
from models.ledger.accounts import AccountKind
from models.ledger.adjustments import (
    AdjustmentDecided,
    AdjustmentDraft,
    AdjustmentState,
    LedgerAdjustment,
    OwnWallet,
    SecondAdminNeeded,
)
from models.ledger.entries import LedgerEntry, Leg, Posting
from models.notifications.inbox import NotificationKind
from models.payouts.debts import DebtTooSmall
from models.vendors import Vendor
from services import idempotency
from services.admins.access import is_erased
from services.audit import entries as audit
from services.ledger.posting import post_entries
from services.ledger.promo_money import give_promo_money, take_promo_money
from services.ledger.tax_payments import lock_due
from services.ledger.wallets import lock_wallet
from services.members.conflicts import works_for
from services.notifications import inbox
from services.payouts.balances import lock_available
from services.vendors.owner_notices import find_owners, notify_owners
from services.viewer import Viewer


@dataclass(frozen=True)
class WalletOwner:
    """The owner of a wallet: exactly one of a user and a vendor."""

    user_id: UUID | None = None
    vendor_id: UUID | None = None


def visible_adjustments(viewer: Viewer) -> SelectOfScalar[LedgerAdjustment]:
    """Select adjustments. Only signed-in admins see them."""
    rows = select(LedgerAdjustment)
    return rows if viewer.admin else rows.where(false())


def list_adjustments(
    viewer: Viewer, *, state: AdjustmentState | None = None
) -> Listing[LedgerAdjustment]:
    viewer.require_admin()
    rows = visible_adjustments(viewer)
    if state is not None:
        rows = rows.where(LedgerAdjustment.state == state)
    return Listing(rows, newest_first(LedgerAdjustment))


async def adjust_ledger(
    session: AsyncSession,
    viewer: Viewer,
    draft: AdjustmentDraft,
    *,
    owner: WalletOwner,
    idempotency_key: str,
    operation: str = "adjustLedger",
) -> LedgerAdjustment:
    """Propose an adjustment. Money moves when another admin approves it.

    Raises `AccountsNotAdjustable`, `OwnWallet`, `NotFound` and `InvalidInput`.
    """
    admin_id = viewer.require_admin()
    # Without what is None: older releases stored the hashes of keys without `valid_days`.
    given = draft.model_dump(exclude_none=True) | vars(owner)
    claimed = await idempotency.claim(session, viewer, operation, idempotency_key, **given)
    if claimed.replayed is not None:
        return await session.get_one(LedgerAdjustment, claimed.replayed)
    draft.ensure_adjustable()
    owner_id = await _find_owner(session, owner, draft.currency)
    await _ensure_of_other(session, owner_id, admin_id)
    adjustment = LedgerAdjustment(owner_id=owner_id, proposed_by=admin_id, **draft.model_dump())
    session.add(adjustment)
    audit.append(session, viewer, AuditAct.ADJUST_LEDGER, subject_id=adjustment.id)
    await session.flush()
    await idempotency.record_result(session, claimed, adjustment.id)
    return adjustment


async def approve_adjustment(
    session: AsyncSession, viewer: Viewer, *, adjustment_id: UUID
) -> LedgerAdjustment:
    """Approve an adjustment of another admin: move the money, and notify the owner.

    Raises `SecondAdminNeeded`, `OwnWallet`, `AdjustmentDecided`, `WalletTooLow`, `DebtTooSmall`,
    `TaxNotDue` and `NotFound`. A repetition by the same admin changes nothing.
    """
    admin_id = viewer.require_admin()
    one = await _access_pending(session, adjustment_id, admin_id, AdjustmentState.APPROVED)
    if one.state is not AdjustmentState.PENDING:
        return one
    if one.proposed_by == admin_id:
        raise SecondAdminNeeded
    if one.owner_id is not None:
        await _ensure_of_other(session, one.owner_id, admin_id)
    one.decide(AdjustmentState.APPROVED, admin_id)
    audit.append(session, viewer, AuditAct.APPROVE_ADJUSTMENT, subject_id=one.id)
    await session.flush()
    if one.owner_id is None:
        await lock_due(session, one)
        await _post(session, one)
    elif one.is_write_off:
        await _ensure_owed(session, one, one.owner_id)
        await _post(session, one)
        await _notify_debtor(session, one, one.owner_id)
    else:
        await _adjust_wallet(session, one, one.owner_id)
    return one


async def _post(session: AsyncSession, one: LedgerAdjustment) -> None:
    leg = Leg(one.account(one.debit), one.account(one.credit), one.amount)
    await post_entries(session, one.posting, [leg])


async def _adjust_wallet(session: AsyncSession, one: LedgerAdjustment, owner_id: UUID) -> None:
    if one.debit is AccountKind.WALLET_PROMO:
        await lock_wallet(session, owner_id, one.currency)
    await _post(session, one)
    await _count_promo_money(session, one, owner_id)
    await _notify_owner(session, owner_id, one.posting)


async def _ensure_owed(session: AsyncSession, one: LedgerAdjustment, vendor_id: UUID) -> None:
    """Raise `DebtTooSmall` if the vendor owes less by now, such as after a sale.

    The account is locked, so that two approvals at once do not write one debt off twice.
    """
    if one.amount > -await lock_available(session, vendor_id, one.currency):
        raise DebtTooSmall


async def _notify_debtor(session: AsyncSession, one: LedgerAdjustment, vendor_id: UUID) -> None:
    """Notify the owners of the vendor. Its write-offs are counted, while its balance is locked."""
    counted = select(func.count()).where(
        LedgerAdjustment.owner_id == vendor_id,
        LedgerAdjustment.debit == one.debit,
        LedgerAdjustment.state == AdjustmentState.APPROVED,
    )
    number = (await session.exec(counted)).one()
    await notify_owners(session, vendor_id, NotificationKind.DEBT_WRITTEN_OFF, number)


async def _count_promo_money(session: AsyncSession, one: LedgerAdjustment, owner_id: UUID) -> None:
    """Record promotional money that ends, or take it from what ends first."""
    if one.debit is AccountKind.WALLET_PROMO:
        await take_promo_money(session, owner_id, one.currency, one.amount, subject_id=one.id)
    if one.valid_days is not None:
        valid = timedelta(days=one.valid_days)
        wallet = one.account(one.credit)
        await give_promo_money(session, wallet, one.amount, valid=valid, adjustment_id=one.id)


async def reject_adjustment(
    session: AsyncSession, viewer: Viewer, *, adjustment_id: UUID
) -> LedgerAdjustment:
    """Reject an adjustment, or withdraw one's own.

    Raises `OwnWallet`, so that an admin does not keep what their vendor owes, `AdjustmentDecided`
    and `NotFound`.
    """
    admin_id = viewer.require_admin()
    one = await _access_pending(session, adjustment_id, admin_id, AdjustmentState.REJECTED)
    if one.state is AdjustmentState.PENDING:
        if one.owner_id is not None and one.proposed_by != admin_id:
            await _ensure_of_other(session, one.owner_id, admin_id)
        one.decide(AdjustmentState.REJECTED, admin_id)
        audit.append(session, viewer, AuditAct.REJECT_ADJUSTMENT, subject_id=one.id)
    return one


async def _access_pending(
    session: AsyncSession, adjustment_id: UUID, admin_id: UUID, state: AdjustmentState
) -> LedgerAdjustment:
    """Return an adjustment, locked, that is PENDING or was decided in this way by this admin."""
    rows = select(LedgerAdjustment).where(LedgerAdjustment.id == adjustment_id)
    one = (await session.exec(for_change(rows))).first()
    if one is None:
        raise NotFound
    if one.state is not AdjustmentState.PENDING and (one.state, one.decided_by) != (
        state,
        admin_id,
    ):
        raise AdjustmentDecided
    return one


async def _find_owner(session: AsyncSession, owner: WalletOwner, currency: str) -> UUID:
    """Return the id of a user, or of a vendor that has this currency. Raises `NotFound`."""
    if owner.user_id is not None:
        user = await session.get(User, owner.user_id)
        if user is None or await is_erased(session, user.id):
            raise NotFound(field=["owner", "userId"])
        return user.id
    vendor = await session.get(Vendor, owner.vendor_id)
    if vendor is None:
        raise NotFound(field=["owner", "vendorId"])
    if vendor.currency != currency:
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=vendor.currency,
            field=["currency"],
        )
    return vendor.id


async def _ensure_of_other(session: AsyncSession, owner_id: UUID, admin_id: UUID) -> None:
    """Raise `OwnWallet` if the wallet is the admin's, or of a vendor that they work for."""
    if owner_id == admin_id or await works_for(session, admin_id, [owner_id]):
        raise OwnWallet


async def _notify_owner(session: AsyncSession, owner_id: UUID, posting: Posting) -> None:
    """Notify the user, or the owners of the vendor, in the order in which inboxes are locked."""
    entry = select(LedgerEntry.id).where(LedgerEntry.posting == str(posting))
    entry_id = (await session.exec(entry)).one()
    is_user = await session.get(User, owner_id) is not None
    for user_id in [owner_id] if is_user else await find_owners(session, owner_id):
        await inbox.notify(session, user_id, NotificationKind.WALLET_ADJUSTED, entry_id)
