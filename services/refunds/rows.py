"""The rows of a refund, locked in the order of locks."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.payments.payments import Payment
from models.payments.refunds import Refund, RefundPart
from services.payments.subjects.locking import LockedSubject, lock_subject


@dataclass(frozen=True)
class LockedRefundPart:
    """A part of a refund with its rows. All but the payment are locked."""

    part: RefundPart
    refund: Refund
    payment: Payment
    subject: LockedSubject


async def lock_refund_part(session: AsyncSession, part_id: UUID) -> LockedRefundPart:
    """Lock the order or the purchase of a part, then its refund, then the part.

    Raises `NotFound`.
    """
    known = select(Refund).join(RefundPart, col(RefundPart.refund_id) == col(Refund.id))
    found = (await session.exec(known.where(RefundPart.id == part_id))).first()
    if found is None:
        raise NotFound
    subject = await lock_subject(session, found)
    refunds = select(Refund).where(Refund.id == found.id)
    refund = (await session.exec(for_change(refunds))).one()
    parts = select(RefundPart).where(RefundPart.id == part_id)
    part = (await session.exec(for_change(parts))).one()
    payment = await session.get_one(Payment, part.payment_id)
    return LockedRefundPart(part, refund, payment, subject)
