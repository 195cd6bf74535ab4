"""The effects of folded scans: the numbers of uses, and the counters of vouchers and visits."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, func, select, update

from core.clock import now
from core.database import for_change
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction, UnitOfWork, connection_of
from models.notifications.inbox import NotificationKind
from models.redemptions import Redemption, RedemptionOutcome, Voucher, VoucherState
from models.redemptions.bills import Bill
from services.notifications.inbox import Notice, notify_all
from services.redemptions.bills import leave_bills
from services.redemptions.fold import FoldedOutcome
from services.redemptions.use_statements import STATE, TAKING
from services.redemptions.uses import change_all_visits

COUNT_USES = Statement(
    update(Voucher)
    .where(col(Voucher.id) == bindparam("voucher_id"))
    .values(
        state=bindparam("now_state", type_=STATE),
        redeemed_at=bindparam("last_at", type_=DateTime(timezone=True)),
        held_at=bindparam("now_held", type_=DateTime(timezone=True)),
        used=bindparam("standing", type_=Integer()),
        uses=col(Voucher.uses) + bindparam("more"),
        last_step=func.greatest(col(Voucher.last_step), bindparam("step", type_=Integer())),
    )
)
_held = select(Redemption.bill_id).where(
    col(Redemption.voucher_id) == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    col(Redemption.outcome) == RedemptionOutcome.HELD,
)
HELD_BILLS = Statement(
    for_change(select(col(Bill.id)).where(col(Bill.id).in_(_held)).order_by(col(Bill.id)))
)


async def lock_held_bills(unit: PreparedTransaction, ids: Iterable[UUID | None]) -> None:
    """Lock the bills of held attempts before their vouchers, which earlier scans may refuse."""
    await HELD_BILLS.fetch(unit.connection, ids=sorted({id for id in ids if id is not None}))


def number_uses(
    vouchers: Sequence[Voucher],
    attempts: Sequence[Redemption],
    changed: Mapping[UUID, FoldedOutcome],
) -> dict[UUID, int]:
    """Return the number of the use of each attempt. New uses get the lowest that are unused."""
    numbers = {one.id: one.use_no for one in attempts}
    for voucher in vouchers:
        own = [one for one in attempts if one.voucher_id == voucher.id]
        new = [one.id for one in own if _stands(one, changed) and one.id in changed]
        known = {one.use_no for one in own if _stands(one, changed) and one.id not in changed}
        free = (number for number in range(1, len(own) + 1) if number not in known)
        numbers.update(zip(new, free, strict=False))
    return numbers


async def count_uses(
    unit: UnitOfWork,
    vouchers: Sequence[Voucher],
    stored: Sequence[Redemption],
    added: Sequence[Redemption],
    changed: Mapping[UUID, FoldedOutcome],
) -> None:
    """Count the uses that stand now, and notify the holders of vouchers with more of them.

    Visits follow, and held attempts that were refused leave their bills.
    """
    connection = await connection_of(unit)
    counted, more, visits, left = [], [], [], []
    for voucher in vouchers:
        before = [one for one in stored if one.voucher_id == voucher.id]
        own = [*before, *(one for one in added if one.voucher_id == voucher.id)]
        if not any(one.id in changed for one in own):
            continue
        values = _counted(voucher, own, changed)
        counted.append(values)
        if values["more"]:
            more.append(voucher)
        taken = sum(_stands(one, {}) for one in before)
        visits.append((voucher, sum(_stands(one, changed) for one in own) - taken))
        held = [one for one in before if one.outcome is RedemptionOutcome.HELD]
        left += [one.id for one in held if one.id in changed]
    await leave_bills(connection, left)
    await COUNT_USES.execute_many(connection, counted)
    await change_all_visits(connection, visits)
    kind = NotificationKind.VOUCHER_REDEEMED
    await notify_all(unit, [Notice(one.user_id, kind, one.id, one.uses) for one in more])


def _outcome(attempt: Redemption, changed: Mapping[UUID, FoldedOutcome]) -> RedemptionOutcome:
    return changed[attempt.id].outcome if attempt.id in changed else attempt.outcome


def _stands(attempt: Redemption, changed: Mapping[UUID, FoldedOutcome]) -> bool:
    return _outcome(attempt, changed) in TAKING and not attempt.is_reversed


def _counted(
    voucher: Voucher, attempts: Sequence[Redemption], changed: Mapping[UUID, FoldedOutcome]
) -> dict[str, object]:
    outcomes = {one.id: _outcome(one, changed) for one in attempts if not one.is_reversed}
    approved = [one for one in attempts if outcomes.get(one.id) is RedemptionOutcome.APPROVED]
    state = voucher.state_of_uses(len(approved), now())
    used_up = state is VoucherState.REDEEMED
    steps = [one.step for one in approved if one.generation == voucher.generation]
    held = RedemptionOutcome.HELD in outcomes.values()
    return {
        "voucher_id": voucher.id,
        "now_state": state,
        "last_at": max(one.attempted_at for one in approved) if used_up else None,
        "now_held": voucher.held_at if held else None,
        "standing": len(approved),
        "more": max(0, len(approved) - voucher.used),
        "step": max((one for one in steps if one is not None), default=None),
    }
