"""Parts of refunds that people settle: transfers by hand, and stuck ones that go another way."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.errors import NotFound
from models.ledger.accounts import AccountKind
from models.orders.orders import Order
from models.payments.payments import PaymentProvider
from models.payments.recording import OwnOrder
from models.payments.refunds import (
    Refund,
    RefundPart,
    RefundPartState,
    RefundSettled,
    SettledByPlatform,
)
from models.purchases import Purchase
from services import idempotency
from services.audit import entries as audit
from services.purchases.recording import ensure_of_other
from services.refunds.outcomes import follow_parts
from services.refunds.replacing import post_paid, replace_part
from services.refunds.rows import LockedRefundPart, lock_refund_part
from services.viewer import Viewer


async def settle_refund(
    session: AsyncSession,
    viewer: Viewer,
    *,
    refund_part_id: UUID,
    reference: str,
    idempotency_key: str,
) -> Refund:
    """Record that a part of a refund was transferred, with the bank's reference. For admins.

    Raises `OwnOrder`, `OwnPurchase`, `RefundSettled` if it was settled before, `SettledByPlatform`
    for parts that are not MANUAL, and `RefundReferenceTaken`.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "settleRefund",
        idempotency_key,
        refund_part_id=refund_part_id,
        reference=reference,
    )
    if claimed.replayed:
        return await session.get_one(Refund, claimed.replayed)
    locked = await _lock_others(session, viewer, refund_part_id)
    part = locked.part
    if part.provider is not PaymentProvider.MANUAL:
        raise SettledByPlatform
    if part.settled_at is not None:
        raise RefundSettled
    part.reference = reference
    part.settle()
    await session.flush()
    await post_paid(session, locked, part, AccountKind.BANK)
    audit.append(session, viewer, AuditAct.SETTLE_REFUND, subject_id=locked.refund.id)
    await follow_parts(session, locked)
    await idempotency.record_result(session, claimed, locked.refund.id)
    return locked.refund


async def settle_stuck_refund(
    session: AsyncSession,
    viewer: Viewer,
    *,
    refund_part_id: UUID,
    reference: str,
    idempotency_key: str,
) -> Refund:
    """Record that a part which has failed was transferred to the buyer's account. For admins.

    Raises `OwnOrder`, `OwnPurchase`, `RefundPending`, `RefundSettled` and `RefundReferenceTaken`.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "settleStuckRefund",
        idempotency_key,
        refund_part_id=refund_part_id,
        reference=reference,
    )
    if claimed.replayed:
        return await session.get_one(Refund, claimed.replayed)
    locked = await _lock_others(session, viewer, refund_part_id)
    await _ensure_stuck(session, locked.part)
    await replace_part(session, locked, reference)
    await follow_parts(session, locked)
    audit.append(session, viewer, AuditAct.SETTLE_STUCK_REFUND, subject_id=locked.refund.id)
    await idempotency.record_result(session, claimed, locked.refund.id)
    return locked.refund


async def accept_refund_to_wallet(
    session: AsyncSession, viewer: Viewer, *, refund_part_id: UUID, idempotency_key: str
) -> Refund:
    """Agree to get a part into the wallet if it cannot be sent to where it came from.

    One that has failed is paid at once, and one that fails later then. For the payer: the money of
    a vendor's purchase goes into the wallet of the vendor. Raises `SettledByPlatform` for a part
    that is not on its way by a provider, and `RefundSettled`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "acceptRefundToWallet",
        idempotency_key,
        refund_part_id=refund_part_id,
    )
    await _ensure_own(session, viewer.require_user(), refund_part_id)
    if claimed.replayed:
        return await session.get_one(Refund, claimed.replayed)
    locked = await lock_refund_part(session, refund_part_id)
    part = locked.part
    if not part.provider.is_online:
        raise SettledByPlatform
    if part.part_state is RefundPartState.FAILED:
        await _ensure_stuck(session, part)
        await replace_part(session, locked)
        await follow_parts(session, locked)
    elif not part.is_open:
        raise RefundSettled
    part.wallet_accepted_at = part.wallet_accepted_at or now()
    await idempotency.record_result(session, claimed, locked.refund.id)
    return locked.refund


async def _lock_others(session: AsyncSession, viewer: Viewer, part_id: UUID) -> LockedRefundPart:
    """Lock a part of a refund that is not the admin's own.

    Raises `NotFound`, `OwnOrder` and `OwnPurchase`.
    """
    locked = await lock_refund_part(session, part_id)
    if locked.subject.purchase is not None:
        await ensure_of_other(session, viewer, locked.subject.purchase)
    elif locked.subject.payer_id == viewer.user_id:
        raise OwnOrder
    return locked


async def _ensure_own(session: AsyncSession, user_id: UUID, part_id: UUID) -> None:
    buyers = (
        select(Order.user_id, Purchase.user_id)
        .select_from(RefundPart)
        .join(Refund, col(Refund.id) == col(RefundPart.refund_id))
        .outerjoin(Order, col(Order.id) == col(Refund.order_id))
        .outerjoin(Purchase, col(Purchase.id) == col(Refund.purchase_id))
        .where(RefundPart.id == part_id)
    )
    found = (await session.exec(buyers)).first()
    if found is None or user_id not in found:
        raise NotFound


async def _ensure_stuck(session: AsyncSession, part: RefundPart) -> None:
    """Raise a refusal unless a part has failed, and has not gone another way."""
    part.ensure_replaceable()
    replaced = select(RefundPart.id).where(RefundPart.replaces_id == part.id)
    if (await session.exec(replaced)).first() is not None:
        raise RefundSettled
