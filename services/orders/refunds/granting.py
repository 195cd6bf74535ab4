"""Refunds: granted with the units that they are for, and settled when the money has gone back.

A unit carries its share of the line's price, delivery and tax by the cumulative rule, so whatever
units are refunded in whatever order, the sum is exactly what was paid. That includes the delivery:
each unit has its share, and the last one of a part leaves nothing of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import LineKind, OrderLine
from models.orders.orders import Order
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.payments import PaymentProvider
from models.payments.refunds import Refund, RefundReason
from services import jobs
from services.orders.changes import publish_change
from services.orders.kinds import LineUnits
from services.orders.parts import find_lines, lock_parts
from services.orders.refunds.amounts import Extra, work_out
from services.orders.refunds.postings import pay_into_wallet, post_grant
from services.orders.refunds.ways import split_over_payments
from services.orders.rules import RULES
from services.orders.timeline import record_step
from services.payments.giving_back import send_back
from services.promos.uses import release_uses
from services.refunds.outcomes import settle_if_done
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
    extras: Sequence[Extra] = (),
) -> Refund:
    """Grant the money of units back, in the transaction that takes them out of the order.

    The order is locked, and the counters of the lines have these units already. `extras` go back
    beside them. The money goes back the way it came: by the payments first, the rest into the
    wallet, each vendor's part from its own shares. Wallets are settled at once. With `restock`, the
    units can be sold again. Raises `UnitsRefunded`, `DeliveryRefunded`, `RefundTooLarge` and
    `PaymentDisputed`.
    """
    refund = Refund(
        order_id=order.id,
        reason=reason,
        amount=0,
        note=note,
        granted_by_id=viewer.user_id if viewer else None,
    )
    await session.flush()
    parts = await lock_parts(session, order)
    granted = await work_out(session, parts, refund, units, extras, restock=restock)
    amounts = granted.amounts
    refund.amount = amounts.total()
    session.add_all([refund, *granted.lines, *granted.extras])
    await session.flush()
    for part in parts:
        part.refunded += amounts[part.id]
    order.count_refunded(refund.amount)
    ways = await split_over_payments(session, order, refund, amounts)
    for part in parts:
        if part.id in amounts:
            kind = OrderStepKind.REFUND_GRANTED
            record_step(session, order, kind, actor, viewer=viewer, suborder=part)
    await session.flush()
    await _give_codes_back(session, order, [part.id for part in parts])
    await post_grant(session, order, refund, granted, parts)
    for payment, way in ways:
        if payment.provider is PaymentProvider.WALLET:
            await pay_into_wallet(session, order, payment, way)
        await send_back(session, way)
    if await settle_if_done(session, refund) and refund.amount:
        record_step(session, order, OrderStepKind.REFUND_SETTLED, OrderActor.PLATFORM)
    await jobs.defer(session, "issue_credit_notes", refund_id=refund.id)
    publish_change(session, order, [part for part in parts if part.id in amounts])
    for line_kind, some in _by_kind(units).items():
        await RULES[line_kind].line_refunded(session, order, some)
    if restock:  # last, because others wait for stock
        await _take_back(session, order, units)
    return refund


async def _give_codes_back(session: AsyncSession, order: Order, part_ids: Sequence[UUID]) -> None:
    """Give the uses of promo codes back with the last unit of an order, if none was received.

    Goods were received if they were shipped. Tickets and bookings were not if all that was paid for
    them has gone back: then they were cancelled, and their terms kept nothing of the discount. The
    codes are locked before the accounts of the ledger and the stock, as an order takes them.
    """
    lines = await find_lines(session, *part_ids)
    if all(line.was_given_up for line in lines):
        await release_uses(session, order_id=order.id)


async def _take_back(session: AsyncSession, order: Order, units: Sequence[LineUnits]) -> None:
    for kind, some in _by_kind(units).items():
        await RULES[kind].take_back(session, order, some)


def _by_kind(units: Sequence[LineUnits]) -> Mapping[LineKind, Sequence[LineUnits]]:
    by_kind: defaultdict[LineKind, list[LineUnits]] = defaultdict(list)
    for one in units:
        by_kind[one.line.kind].append(one)
    return by_kind


def cancel_units(chosen: Sequence[tuple[OrderLine, int]]) -> list[LineUnits]:
    """Take units that are not shipped out of an order. Raises `TooManyUnits`."""
    return [LineUnits(line, *line.cancel(units)) for line, units in chosen if units]


def refund_units(chosen: Sequence[tuple[OrderLine, int]], *, returned: bool) -> list[LineUnits]:
    """Count shipped units as refunded, and as returned if they are. Raises `TooManyUnits`."""
    return [LineUnits(line, *line.refund(units, returned=returned)) for line, units in chosen]
