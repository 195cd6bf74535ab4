"""The shares of vendors in a dispute: of what was neither refunded nor disputed before."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete
from sqlmodel.ext.asyncio.session import AsyncSession

from models.orders.lines import OrderLine
from models.payments.disputes import Dispute, DisputeShare
from models.pricing.amounts import part, split
from services.disputes.rows import DisputedPayment
from services.orders.parts import find_lines


async def share_out(
    session: AsyncSession, dispute: Dispute, disputed: DisputedPayment
) -> Sequence[DisputeShare]:
    """Share a dispute out over the parts of the order, by what is left of each.

    Earlier shares are replaced: refunds can be granted while a bank asks, and has no money.
    """
    gone = delete(DisputeShare).where(col(DisputeShare.dispute_id) == dispute.id)
    await session.exec(gone)
    splits = list(disputed.splits.values())
    amount = min(dispute.amount, sum(one.refundable for one in splits))
    amounts = split(amount, [one.refundable for one in splits]) if splits else []
    lines = await _lines_by_part(session, [one.suborder_id for one in splits])
    shares = []
    for one, taken in zip(splits, amounts, strict=True):
        if not taken:
            continue
        share = DisputeShare(dispute_id=dispute.id, suborder_id=one.suborder_id, amount=taken)
        suborder = next(row for row in disputed.parts if row.id == one.suborder_id)
        of = suborder.total - suborder.refunded
        for name, left in _left(lines[one.suborder_id]).items():
            setattr(share, name, part(left, of, 0, min(taken, of)) if of else 0)
        shares.append(share)
    session.add_all(shares)
    return shares


async def _lines_by_part(
    session: AsyncSession, suborder_ids: Sequence[UUID]
) -> dict[UUID, list[OrderLine]]:
    found: dict[UUID, list[OrderLine]] = {id: [] for id in suborder_ids}
    for line in await find_lines(session, *suborder_ids):
        found[line.suborder_id].append(line)
    return found


def _left(lines: Sequence[OrderLine]) -> Counter[str]:
    """Return what the platform keeps, and what it pays, of the units that are not refunded."""
    left: Counter[str] = Counter()
    for line in lines:
        units = line.unrefunded_units
        left["promotion"] += part(line.platform_discount, line.quantity, *units)
        left.update(line.deductions_of(*units).columns)
    return left
