"""Refunds that people grant without a return: vendors for their part, admins for any of an order.

Each vendor bears its own part. The platform bears the goodwill that admins grant.
"""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from models.notifications.inbox import NotificationKind
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.states import OrderState
from models.orders.timeline import OrderActor
from models.payments.granting import RefundDraft
from models.payments.refunds import Refund, RefundReason, RefundTooLarge
from models.pricing.amounts import split
from models.pricing.discounts import FundedBy
from services import idempotency
from services.audit import entries as audit
from services.orders.access import lock_order
from services.orders.handling.endings import follow_lines
from services.orders.kinds import LineUnits
from services.orders.notices import notify_buyer
from services.orders.parts import access_vendor_part, choose_lines, find_lines, lock_parts
from services.orders.refunds.amounts import Extra
from services.orders.refunds.granting import cancel_units, grant_refund, refund_units
from services.orders.rules import RULES
from services.payments.recording import ensure_of_others
from services.viewer import Viewer


async def grant_part_refund(
    session: AsyncSession,
    viewer: Viewer,
    draft: RefundDraft,
    *,
    suborder_id: UUID,
    idempotency_key: str,
) -> SubOrder:
    """Refund shipped units, the delivery or an amount of a vendor's part, once per key.

    Units that are not shipped are cancelled instead. Returns the part: a refund leads to the whole
    order, which a member of one vendor must not see. Raises `TooManyUnits`, and what `grant_refund`
    raises.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "grantRefund",
        idempotency_key,
        suborder_id=suborder_id,
        draft=draft.model_dump(mode="json"),
    )
    part = await access_vendor_part(session, viewer, suborder_id)
    if claimed.replayed:
        return part.suborder
    chosen = choose_lines(await find_lines(session, suborder_id), draft.lines)
    extras = [Extra(suborder_id)] if draft.deliveries else []
    if draft.amount is not None:
        extras.append(Extra(suborder_id, draft.amount))
    refund = await grant_refund(
        session,
        part.order,
        refund_units(chosen, returned=draft.restock),
        RefundReason.GOODWILL,
        actor=OrderActor.VENDOR,
        viewer=viewer,
        note=draft.reason,
        restock=draft.restock,
        extras=extras,
    )
    await _follow_goodwill(session, extras, [part.suborder])
    await follow_lines(session, part.order, part.suborder)
    await notify_buyer(session, part.order, NotificationKind.REFUND_GRANTED, refund.id)
    await idempotency.record_result(session, claimed, refund.id)
    return part.suborder


async def grant_order_refund(
    session: AsyncSession,
    viewer: Viewer,
    draft: RefundDraft,
    *,
    order_id: UUID,
    idempotency_key: str,
) -> Refund:
    """Refund units, deliveries or an amount of an order, of any of its vendors, once per key.

    Units that are not shipped are cancelled. For admins. Raises `OwnOrder`, `InvalidOrderState`
    before it is paid, `TooManyUnits`, and what `grant_refund` raises.
    """
    viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "grantOrderRefund",
        idempotency_key,
        order_id=order_id,
        draft=draft.model_dump(mode="json"),
    )
    order = await lock_order(session, order_id)
    if order is None:
        raise NotFound
    if claimed.replayed:
        return await session.get_one(Refund, claimed.replayed)
    await ensure_of_others(session, viewer, order)
    if order.confirmed_at is None:
        order.state.ensure_can_become(OrderState.COMPLETED)
    parts = await lock_parts(session, order)
    units, extras = await _choose(session, parts, draft)
    refund = await grant_refund(
        session,
        order,
        units,
        RefundReason.GOODWILL,
        actor=OrderActor.PLATFORM,
        viewer=viewer,
        note=draft.reason,
        restock=draft.restock,
        extras=extras,
    )
    await _follow_goodwill(session, extras, parts)
    for part in parts:
        await follow_lines(session, order, part)
    await notify_buyer(session, order, NotificationKind.REFUND_GRANTED, refund.id)
    audit.append(session, viewer, AuditAct.GRANT_REFUND, subject_id=refund.id)
    await idempotency.record_result(session, claimed, refund.id)
    return refund


async def _follow_goodwill(
    session: AsyncSession, extras: Sequence[Extra], parts: Sequence[SubOrder]
) -> None:
    """Let what was sold follow goodwill, which is for no line. Deliveries change nothing."""
    given = {one.suborder_id for one in extras if one.amount is not None}
    left = {part.id: part.total - part.refunded for part in parts if part.id in given}
    for rules in RULES.values() if left else ():
        await rules.goodwill_granted(session, left)


async def _choose(
    session: AsyncSession, parts: Sequence[SubOrder], draft: RefundDraft
) -> tuple[list[LineUnits], list[Extra]]:
    """Return the units of an order that are refunded, and what goes back beside them.

    Raises `InvalidInput`, `TooManyUnits` and `RefundTooLarge`.
    """
    by_id = {part.id: part for part in parts}
    if not by_id.keys() >= set(draft.deliveries):
        raise InvalidInput("This delivery is of another order.", field=["deliveries"])
    lines = await find_lines(session, *by_id)
    units = _take_units(by_id, choose_lines(lines, draft.lines), restock=draft.restock)
    extras = [Extra(id) for id in dict.fromkeys(draft.deliveries)]
    if draft.amount is not None:
        extras += _share_goodwill(parts, units, draft.amount)
    return units, extras


def _take_units(
    parts: dict[UUID, SubOrder], chosen: Sequence[tuple[OrderLine, int]], *, restock: bool
) -> list[LineUnits]:
    """Take shipped units that are not refunded, then those that can still be cancelled.

    Raises `TooManyUnits`.
    """
    shipped, unshipped = [], []
    for line, wanted in chosen:
        rest = wanted - min(wanted, line.kept_units)
        if rest and not parts[line.suborder_id].can_be_cancelled:
            line.ensure_kept(wanted)
        if wanted - rest:
            shipped.append((line, wanted - rest))
        if rest:
            unshipped.append((line, rest))
    return [*refund_units(shipped, returned=restock), *cancel_units(unshipped)]


def _share_goodwill(
    parts: Sequence[SubOrder], units: Sequence[LineUnits], amount: int
) -> list[Extra]:
    """Share goodwill out over the parts by what is left of each. The platform bears it."""
    left = Counter({part.id: part.total - part.refunded for part in parts})
    for one in units:
        left[one.line.suborder_id] -= one.line.amount_of(one.start, one.stop)
    weights = [max(0, left[part.id]) for part in parts]
    if amount > sum(weights):
        raise RefundTooLarge
    shares = split(amount, weights)
    return [
        Extra(part.id, share, FundedBy.PLATFORM)
        for part, share in zip(parts, shares, strict=True)
        if share
    ]
