"""Refunds that admins settle: money that went back by hand."""

from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.audit import AuditAct
from models.errors import NotFound
from models.notifications.inbox import NotificationKind
from models.orders.orders import Order
from models.payments.payments import PaymentProvider
from models.payments.recording import OwnOrder
from models.payments.refunds import (
    Refund,
    RefundPart,
    RefundSettled,
    SettledByPlatform,
)
from services import idempotency
from services.audit import entries as audit
from services.orders.changes import publish_change
from services.orders.notices import notify_buyer
from services.orders.refund_postings import post_settled
from services.orders.refunds import settle_if_done
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

    Raises `OwnOrder`, `RefundSettled` if it was settled before, `SettledByPlatform` for parts that
    are not MANUAL, and `RefundReferenceTaken`.
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
    found = await session.get(RefundPart, refund_part_id)
    if found is None:
        raise NotFound
    refund = await session.get_one(Refund, found.refund_id)
    if claimed.replayed:
        return refund
    orders = select(Order).where(Order.id == refund.order_id)
    order = (await session.exec(for_change(orders))).one()
    if order.user_id == viewer.user_id:
        raise OwnOrder
    refunds = select(Refund).where(Refund.id == refund.id)
    refund = (await session.exec(for_change(refunds))).one()
    parts = select(RefundPart).where(RefundPart.id == refund_part_id)
    part = (await session.exec(for_change(parts))).one()
    if part.provider is not PaymentProvider.MANUAL:
        raise SettledByPlatform
    if part.settled_at is not None:
        raise RefundSettled
    part.reference, part.settled_at = reference, now()
    await session.flush()
    await post_settled(session, part)
    audit.append(session, viewer, AuditAct.SETTLE_REFUND, subject_id=refund.id)
    if await settle_if_done(session, order, refund):
        await notify_buyer(session, order, NotificationKind.REFUND_SETTLED, refund.id)
    publish_change(session, order)
    await idempotency.record_result(session, claimed, refund.id)
    return refund
