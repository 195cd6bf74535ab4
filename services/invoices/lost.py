"""Documents that are missing: their own job was lost, or is late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect
from sqlalchemy.orm import Mapped
from sqlmodel import and_, col, not_, or_, select, union
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import exists_in
from models.invoices.invoices import Invoice, InvoiceState
from models.orders.orders import SubOrder
from models.payments.refunds import Refund, RefundAmount, RefundLine, RefundReason
from models.pricing.discounts import FundedBy
from models.purchases import Purchase

BATCH_SIZE = 100
PATIENCE = timedelta(minutes=5)  # within which the job of a document is expected to run
# Older ones were looked at hundreds of times. What fails for so long needs a person.
HORIZON = timedelta(days=30)


async def find_suborders(session: AsyncSession) -> Sequence[UUID]:
    """Return confirmed parts without a document."""
    has_one = exists_in(Invoice, col(Invoice.source_id) == col(SubOrder.id))
    rows = select(SubOrder.id).where(
        *_young(col(SubOrder.created_at)), col(SubOrder.confirmed_at).is_not(None), not_(has_one)
    )
    return await _first(session, rows, SubOrder.id)


async def find_refunds(session: AsyncSession) -> Sequence[UUID]:
    """Return refunds of confirmed parts without all of their credit notes."""
    refunded = _refunded().subquery()
    has_one = exists_in(
        Invoice,
        and_(
            col(Invoice.refund_id) == refunded.c.refund_id,
            col(Invoice.suborder_id) == refunded.c.suborder_id,
        ),
    )
    rows = (
        select(Refund.id)
        .join(refunded, refunded.c.refund_id == Refund.id)
        .join(SubOrder, col(SubOrder.id) == refunded.c.suborder_id)
        .where(
            *_young(col(Refund.created_at)), col(SubOrder.confirmed_at).is_not(None), not_(has_one)
        )
        .distinct()
    )
    return await _first(session, rows, Refund.id)


async def find_refunded_parts(session: AsyncSession, refund_id: UUID) -> Sequence[UUID]:
    """Return the parts of a refund whose vendors give something back."""
    refunded = _refunded().subquery()
    rows = select(SubOrder.id).join(refunded, refunded.c.suborder_id == SubOrder.id)
    rows = rows.where(refunded.c.refund_id == refund_id)
    return (await session.exec(rows.order_by(col(SubOrder.id)))).all()


def _refunded() -> CompoundSelect[tuple[UUID, UUID]]:
    """Return refunds with their parts whose vendors give something back, each once."""
    units = select(RefundLine.refund_id, RefundLine.suborder_id).where(
        or_(RefundLine.amount > 0, RefundLine.withheld > 0)
    )
    extras = select(RefundAmount.refund_id, RefundAmount.suborder_id).where(
        RefundAmount.borne_by == FundedBy.VENDOR
    )
    return union(units, extras)


async def find_purchases(session: AsyncSession) -> Sequence[UUID]:
    """Return purchases from the platform that were paid, without a document."""
    has_one = exists_in(Invoice, col(Invoice.source_id) == col(Purchase.id))
    rows = select(Purchase.id).where(
        *_young(col(Purchase.created_at)), col(Purchase.paid_at).is_not(None), not_(has_one)
    )
    return await _first(session, rows, Purchase.id)


async def find_purchase_refunds(session: AsyncSession) -> Sequence[UUID]:
    """Return refunds that were granted of purchases, without a credit note.

    Payments that came too late or twice go back besides: they have bought nothing.
    """
    has_one = exists_in(Invoice, col(Invoice.refund_id) == col(Refund.id))
    rows = select(Refund.id).where(
        *_young(col(Refund.created_at)),
        col(Refund.purchase_id).is_not(None),
        Refund.reason == RefundReason.CANCELLED,
        not_(has_one),
    )
    return await _first(session, rows, Refund.id)


async def find_unrendered(session: AsyncSession) -> Sequence[UUID]:
    """Return documents without a PDF."""
    rows = select(Invoice.id).where(
        Invoice.state == InvoiceState.ISSUED, col(Invoice.created_at) < now() - PATIENCE
    )
    return await _first(session, rows, Invoice.id)


def _young(created_at: Mapped[datetime]) -> Sequence[ColumnElement[bool]]:
    moment = now()
    return created_at > moment - HORIZON, created_at < moment - PATIENCE


async def _first(session: AsyncSession, rows: SelectOfScalar[UUID], id: UUID) -> Sequence[UUID]:
    return (await session.exec(rows.order_by(col(id)).limit(BATCH_SIZE))).all()
