"""The rows of a dispute, locked in the order of locks."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.errors import NotFound
from models.orders.orders import SubOrder
from models.payments.disputes import Dispute, DisputeShare
from models.payments.payments import Payment, PaymentProvider, PaymentSplit
from services.orders.parts import lock_parts
from services.payments.subjects.locking import LockedSubject, lock_subject


@dataclass(frozen=True)
class DisputedPayment:
    """A payment, locked with what it is for. Its `splits` are by the id of the vendor's part."""

    payment: Payment
    subject: LockedSubject
    parts: Sequence[SubOrder]
    splits: dict[UUID, PaymentSplit]


async def lock_payment(session: AsyncSession, payment_id: UUID) -> DisputedPayment:
    """Lock a payment after the order with its parts, or the purchase."""
    subject = await lock_subject(session, await session.get_one(Payment, payment_id))
    parts = await lock_parts(session, subject.order) if subject.order else []
    payments = select(Payment).where(Payment.id == payment_id)
    payment = (await session.exec(for_change(payments))).one()
    splits = select(PaymentSplit).where(PaymentSplit.payment_id == payment_id)
    found = (await session.exec(for_change(splits.order_by(col(PaymentSplit.suborder_id))))).all()
    return DisputedPayment(payment, subject, parts, {one.suborder_id: one for one in found})


async def lock_dispute(
    session: AsyncSession, provider: PaymentProvider, reference: str
) -> Dispute | None:
    rows = select(Dispute).where(Dispute.provider == provider, Dispute.reference == reference)
    return (await session.exec(for_change(rows))).first()


async def lock_known(session: AsyncSession, dispute_id: UUID) -> tuple[DisputedPayment, Dispute]:
    """Lock a dispute after its payment. Raises `NotFound`."""
    known = await session.get(Dispute, dispute_id)
    if known is None:
        raise NotFound
    disputed = await lock_payment(session, known.payment_id)
    rows = select(Dispute).where(Dispute.id == dispute_id)
    return disputed, (await session.exec(for_change(rows))).one()


async def find_shares(session: AsyncSession, dispute_id: UUID) -> Sequence[DisputeShare]:
    rows = select(DisputeShare).where(DisputeShare.dispute_id == dispute_id)
    return (await session.exec(rows.order_by(col(DisputeShare.suborder_id)))).all()


async def find_vendors(session: AsyncSession, dispute_id: UUID) -> Sequence[UUID]:
    """Return the vendors that have a share."""
    rows = (
        select(SubOrder.vendor_id)
        .join(DisputeShare, col(DisputeShare.suborder_id) == col(SubOrder.id))
        .where(DisputeShare.dispute_id == dispute_id)
        .distinct()
        .order_by(col(SubOrder.vendor_id))
    )
    return (await session.exec(rows)).all()
