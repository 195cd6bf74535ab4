"""Refunds: granted with the units that they are for, and settled when the money has gone back.

A unit carries its share of the line's price, delivery and tax by the cumulative rule, so whatever
units are refunded in whatever order, the sum is exactly what was paid. That includes the delivery:
each unit has its share, and the last one of a part leaves nothing of it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.payments import Payment, PaymentProvider, PaymentSplit, PaymentStatus
from models.payments.refunds import (
    Refund,
    RefundLine,
    RefundPart,
    RefundReason,
    RefundState,
    RefundTooLarge,
)
from services.orders.changes import publish_change
from services.orders.kinds import LineUnits
from services.orders.parts import lock_parts
from services.orders.refund_postings import pay_into_wallet, post_grant
from services.orders.rules import RULES
from services.orders.timeline import record_step
from services.viewer import Viewer


async def grant_refund(
    session: AsyncSession,
    order: Order,
    units: Sequence[LineUnits],
    reason: RefundReason,
    *,
    actor: OrderActor,
    viewer: Viewer | None = None,
    note: str | None = None,
    restock: bool = False,
) -> Refund:
    """Grant the money of units back, in the transaction that takes them out of the order.

    The order is locked, and the counters of the lines have these units already. The money goes back
    the way it came: by the payments first, the rest into the wallet, each vendor's part from its
    own shares. Wallets are settled at once. With `restock`, the units can be sold again. Raises
    `UnitsRefunded` and `RefundTooLarge`.
    """
    refund = Refund(
        order_id=order.id,
        reason=reason,
        amount=0,
        note=note,
        granted_by_id=viewer.user_id if viewer else None,
    )
    lines = [_refund_line(refund, one, restock=restock) for one in units]
    amounts: Counter[UUID] = Counter()
    for line in lines:
        amounts[line.suborder_id] += line.amount
    refund.amount = amounts.total()
    session.add_all([refund, *lines])
    await session.flush()
    parts = await lock_parts(session, order)
    for part in parts:
        part.refunded += amounts[part.id]
    order.count_refunded(refund.amount)
    ways = await _give_back(session, order, refund, amounts)
    for part in parts:
        if part.id in amounts:
            kind = OrderStepKind.REFUND_GRANTED
            record_step(session, order, kind, actor, viewer=viewer, suborder=part)
    await session.flush()
    await post_grant(session, order, refund, lines, parts)
    for payment, way in ways:
        if payment.provider is PaymentProvider.WALLET:
            await pay_into_wallet(session, order, payment, way)
    await settle_if_done(session, order, refund)
    publish_change(session, order, [part for part in parts if part.id in amounts])
    for line_kind, some in _by_kind(units).items():
        await RULES[line_kind].line_refunded(session, order, some)
    if restock:  # last, because others wait for stock
        await _take_back(session, order, units)
    return refund


def _refund_line(refund: Refund, one: LineUnits, *, restock: bool) -> RefundLine:
    return RefundLine(
        refund_id=refund.id,
        suborder_id=one.line.suborder_id,
        line_id=one.line.id,
        units=Range(one.start, one.stop),
        amount=one.line.amount_of(one.start, one.stop),
        tax=one.line.tax_of(one.start, one.stop),
        restock=restock,
    )


async def _give_back(
    session: AsyncSession, order: Order, refund: Refund, amounts: Mapping[UUID, int]
) -> Sequence[tuple[Payment, RefundPart]]:
    """Split a refund over the payments by the shares of the parts, which are never recomputed."""
    rows = select(Payment).where(
        Payment.order_id == order.id, Payment.status == PaymentStatus.SUCCEEDED
    )
    payments = (await session.exec(for_change(rows.order_by(col(Payment.id))))).all()
    splits = select(PaymentSplit).where(
        col(PaymentSplit.payment_id).in_([one.id for one in payments]),
        col(PaymentSplit.suborder_id).in_(amounts),
    )
    splits = splits.order_by(col(PaymentSplit.payment_id), col(PaymentSplit.suborder_id))
    by_payment: defaultdict[UUID, list[PaymentSplit]] = defaultdict(list)
    for split in (await session.exec(for_change(splits))).all():
        by_payment[split.payment_id].append(split)
    left, ways = Counter(amounts), []
    for payment in sorted(payments, key=lambda one: one.provider is PaymentProvider.WALLET):
        taken = 0
        for split in by_payment[payment.id]:
            share = min(left[split.suborder_id], split.captured - split.refunded)
            split.refunded += share
            left[split.suborder_id] -= share
            taken += share
        if taken:
            payment.refunded += taken
            part = RefundPart(
                refund_id=refund.id,
                payment_id=payment.id,
                provider=payment.provider,
                amount=taken,
            )
            session.add(part)
            ways.append((payment, part))
    if left.total():
        raise RefundTooLarge
    return ways


async def _take_back(session: AsyncSession, order: Order, units: Sequence[LineUnits]) -> None:
    for kind, some in _by_kind(units).items():
        await RULES[kind].take_back(session, order, some)


def _by_kind(units: Sequence[LineUnits]) -> Mapping[LineKind, Sequence[LineUnits]]:
    by_kind: defaultdict[LineKind, list[LineUnits]] = defaultdict(list)
    for one in units:
        by_kind[one.line.kind].append(one)
    return by_kind


async def settle_if_done(session: AsyncSession, order: Order, refund: Refund) -> bool:
    """Settle a refund whose parts all are. Returns whether it is settled now."""
    await session.flush()
    open_parts = select(RefundPart.id).where(
        RefundPart.refund_id == refund.id, col(RefundPart.settled_at).is_(None)
    )
    if (await session.exec(open_parts.limit(1))).first() is not None:
        return False
    refund.state, refund.settled_at = RefundState.SETTLED, now()
    if refund.amount:
        record_step(session, order, OrderStepKind.REFUND_SETTLED, OrderActor.PLATFORM)
    return True


def cancel_units(chosen: Sequence[tuple[OrderLine, int]]) -> list[LineUnits]:
    """Take units that are not shipped out of an order. Raises `TooManyUnits`."""
    return [LineUnits(line, *line.cancel(units)) for line, units in chosen if units]


def refund_units(chosen: Sequence[tuple[OrderLine, int]], *, returned: bool) -> list[LineUnits]:
    """Count shipped units as refunded, and as returned if they are. Raises `TooManyUnits`."""
    return [LineUnits(line, *line.refund(units, returned=returned)) for line, units in chosen]
