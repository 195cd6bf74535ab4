"""The amounts of a refund: of units, of deliveries, and goodwill.

A unit brings back its share of the line by the cumulative rule, without its share of a delivery
that went back by itself. Goodwill is a part of the price that goes back in advance: units that are
refunded later bring back what is left of the vendor's part, and no more. So any sequence of refunds
sums to what was paid.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.payments.refunds import (
    DeliveryRefunded,
    Refund,
    RefundAmount,
    RefundLine,
    RefundShare,
    RefundTooLarge,
)
from models.pricing.amounts import part
from models.pricing.discounts import FundedBy
from services.orders.kinds import LineUnits
from services.orders.parts import find_lines


@dataclass(frozen=True)
class Extra:
    """An amount of a refund without units, for one vendor's part.

    Without an `amount`, it is all of the delivery that has not gone back.
    """

    suborder_id: UUID
    amount: int | None = None
    borne_by: FundedBy = FundedBy.VENDOR


@dataclass(frozen=True)
class Granted:
    """The rows of a refund. `repaid` is the platform's goodwill that vendors give back by part.

    `lowered` are the parts whose price their vendors have lowered by goodwill.
    """

    lines: Sequence[RefundLine]
    extras: Sequence[RefundAmount]
    repaid: Mapping[UUID, int]
    lowered: frozenset[UUID]

    @property
    def amounts(self) -> Counter[UUID]:
        """Return what the buyer gets of each part."""
        amounts: Counter[UUID] = Counter()
        for line in self.lines:
            amounts[line.suborder_id] += line.amount
        for extra in self.extras:
            amounts[extra.suborder_id] += extra.amount
        return amounts


@dataclass(frozen=True)
class _Before:
    """Amounts that went back before without units: deliveries, and goodwill.

    `goodwill` is the platform's, and `lowered` are the parts with goodwill of their vendors.
    """

    delivered: frozenset[UUID]
    goodwill: Counter[UUID]
    lowered: frozenset[UUID]


async def work_out(
    session: AsyncSession,
    parts: Sequence[SubOrder],
    refund: Refund,
    units: Sequence[LineUnits],
    extras: Sequence[Extra],
    *,
    restock: bool,
) -> Granted:
    """Return the rows of a refund. The parts and their order are locked.

    Raises `DeliveryRefunded` if nothing of a delivery is left, and `RefundTooLarge` for goodwill
    that is more than what is left of a part.
    """
    before = await _read_before(session, parts)
    rows: list[RefundAmount] = []
    for extra in extras:
        suborder = next(one for one in parts if one.id == extra.suborder_id)
        if extra.amount is None:
            rows.append(await _delivery_of(session, suborder, refund, before))
        else:
            rows.append(_goodwill_of(suborder, refund, extra.amount, extra.borne_by))
    left = Counter({one.id: one.total - one.refunded for one in parts})
    for row in rows:
        left[row.suborder_id] -= row.amount
        if left[row.suborder_id] < 0:
            raise RefundTooLarge
    lines = []
    for one in units:
        suborder_id = one.line.suborder_id
        line = _line_of(
            refund,
            one,
            left[suborder_id],
            restock=restock,
            delivery=suborder_id not in before.delivered,
        )
        left[suborder_id] -= line.amount
        lines.append(line)
    lowered = before.lowered | _lowered(rows)
    return Granted(lines, rows, await _repaid(session, lines, before), lowered)


async def _read_before(session: AsyncSession, parts: Sequence[SubOrder]) -> _Before:
    ids = [one.id for one in parts]
    rows = select(RefundAmount).where(col(RefundAmount.suborder_id).in_(ids))
    found = (await session.exec(rows)).all()
    goodwill: Counter[UUID] = Counter()
    for one in found:
        if one.borne_by is FundedBy.PLATFORM:
            goodwill[one.suborder_id] += one.amount
    delivered = (one.suborder_id for one in found if one.share is RefundShare.DELIVERY)
    return _Before(frozenset(delivered), goodwill, _lowered(found))


def _lowered(extras: Sequence[RefundAmount]) -> frozenset[UUID]:
    goodwill = (one for one in extras if one.share is RefundShare.GOODWILL)
    return frozenset(one.suborder_id for one in goodwill if one.borne_by is FundedBy.VENDOR)


def _line_of(
    refund: Refund, one: LineUnits, most: int, *, restock: bool, delivery: bool
) -> RefundLine:
    """Return the units of a line with their amount, at most what is left of the part."""
    full = one.line.amount_of(one.start, one.stop, delivery=delivery)
    tax = one.line.tax_of(one.start, one.stop, delivery=delivery)
    amount = min(full, most)
    return RefundLine(
        refund_id=refund.id,
        suborder_id=one.line.suborder_id,
        line_id=one.line.id,
        units=Range(one.start, one.stop),
        amount=amount,
        tax=tax if amount == full else part(tax, full, 0, amount),
        restock=restock,
        withheld=full - amount,
    )


async def _delivery_of(
    session: AsyncSession, suborder: SubOrder, refund: Refund, before: _Before
) -> RefundAmount:
    lines = await find_lines(session, suborder.id)
    amount = sum(line.delivery_of(*line.unrefunded_units) for line in lines)
    if suborder.id in before.delivered or not amount:
        raise DeliveryRefunded
    return RefundAmount(
        refund_id=refund.id,
        suborder_id=suborder.id,
        share=RefundShare.DELIVERY,
        amount=amount,
        tax=min(amount, sum(_delivery_tax(line) for line in lines)),
    )


def _delivery_tax(line: OrderLine) -> int:
    return part(line.delivery_tax, line.quantity, *line.unrefunded_units)


def _goodwill_of(
    suborder: SubOrder, refund: Refund, amount: int, borne_by: FundedBy
) -> RefundAmount:
    """Return goodwill. That of the vendor lowers the price, and so has a share of its tax."""
    tax = suborder.tax_added + suborder.tax_included
    of_vendor = borne_by is FundedBy.VENDOR and suborder.total
    return RefundAmount(
        refund_id=refund.id,
        suborder_id=suborder.id,
        share=RefundShare.GOODWILL,
        borne_by=borne_by,
        amount=amount,
        tax=part(tax, suborder.total, 0, min(amount, suborder.total)) if of_vendor else 0,
    )


async def _repaid(
    session: AsyncSession, lines: Sequence[RefundLine], before: _Before
) -> Mapping[UUID, int]:
    """Return what vendors give back of the platform's goodwill.

    It has paid a part of the price of units that now come back: without this, the vendor would keep
    it.
    """
    withheld: Counter[UUID] = Counter()
    for line in lines:
        withheld[line.suborder_id] += line.withheld
    ids = [id for id, amount in withheld.items() if amount and before.goodwill[id]]
    if not ids:
        return {}
    sums = (
        select(RefundLine.suborder_id, func.sum(RefundLine.withheld))
        .where(col(RefundLine.suborder_id).in_(ids))
        .group_by(col(RefundLine.suborder_id))
    )
    earlier = {id: int(amount) for id, amount in (await session.exec(sums)).all()}
    repaid = {}
    for id in ids:
        most, then = before.goodwill[id], earlier.get(id, 0)
        repaid[id] = min(most, then + withheld[id]) - min(most, then)
    return repaid
