"""Returns of shipped goods: requested by the buyer, accepted and received by the vendor.

A refund is granted when the goods are received. A vendor who wants nothing back grants it without
a return: `grant_part_refund`.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.errors import NotFound
from models.notifications.inbox import NotificationKind
from models.orders.returns import RETURN_DAYS, ReturnLine, ReturnRequest, ReturnState
from models.orders.selections import UnitSelection
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.refunds import RefundReason
from models.quotas import DailyAct
from services import idempotency
from services.orders.changes import publish_change
from services.orders.handling.delivering import BATCH_SIZE
from services.orders.handling.endings import follow_lines
from services.orders.notices import notify_buyer, notify_vendor
from services.orders.parts import (
    LockedPart,
    access_own_part,
    access_vendor_part,
    choose_lines,
    find_lines,
    lock_part,
)
from services.orders.refunds.granting import grant_refund, refund_units
from services.orders.timeline import record_step
from services.quotas import ensure_within_quota
from services.transaction import OpenTransaction, one_by_one
from services.viewer import Viewer


async def request_return(
    session: AsyncSession,
    viewer: Viewer,
    *,
    suborder_id: UUID,
    selection: UnitSelection,
    idempotency_key: str,
) -> ReturnRequest:
    """Ask to return shipped units of a part, once per idempotency key.

    Raises `ReturnOpen` if there is a return that has not ended, `ReturnPeriodOver`,
    `InvalidOrderState` before it is shipped, `TooManyUnits` and `DailyLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "requestReturn",
        idempotency_key,
        suborder_id=suborder_id,
        selection=selection.model_dump(),
    )
    part = await access_own_part(session, viewer, suborder_id)
    if claimed.replayed:
        return await session.get_one(ReturnRequest, claimed.replayed)
    part.suborder.ensure_returnable()
    for line, units in choose_lines(await find_lines(session, suborder_id), selection.lines):
        line.ensure_kept(units)
    buyer_id = viewer.require_user()
    request = ReturnRequest(suborder_id=suborder_id, buyer_id=buyer_id, reason=selection.reason)
    session.add(request)
    await session.flush()
    await ensure_within_quota(session, buyer_id, DailyAct.REQUEST_RETURN)
    session.add_all(
        ReturnLine(return_id=request.id, line_id=one.line_id, quantity=one.quantity)
        for one in selection.lines
    )
    record_step(
        session,
        part.order,
        OrderStepKind.RETURN_REQUESTED,
        OrderActor.BUYER,
        viewer=viewer,
        suborder=part.suborder,
        note=selection.reason,
    )
    await notify_vendor(
        session, part.suborder.vendor_id, NotificationKind.RETURN_REQUESTED, request.id
    )
    publish_change(session, part.order, [part.suborder])
    await idempotency.record_result(session, claimed, request.id)
    return request


async def withdraw_return(
    session: AsyncSession, viewer: Viewer, *, return_id: UUID
) -> ReturnRequest:
    """End a return that is not received. Raises `InvalidReturnState`."""
    viewer.require_user()
    part = await access_own_part(session, viewer, await _part_of(session, return_id))
    return await _end(session, part, return_id, ReturnState.WITHDRAWN)


async def accept_return(
    session: AsyncSession,
    viewer: Viewer,
    *,
    return_id: UUID,
    answer: str | None,
    idempotency_key: str,
) -> ReturnRequest:
    """Accept a return: the buyer can send the goods. `answer` can have the address.

    Raises `InvalidReturnState`.
    """
    return await _answer(
        session,
        viewer,
        "acceptReturn",
        ReturnState.ACCEPTED,
        return_id=return_id,
        answer=answer,
        idempotency_key=idempotency_key,
    )


async def decline_return(
    session: AsyncSession,
    viewer: Viewer,
    *,
    return_id: UUID,
    answer: str | None,
    idempotency_key: str,
) -> ReturnRequest:
    """Decline a return with a reason for the buyer. Raises `InvalidReturnState`."""
    return await _answer(
        session,
        viewer,
        "declineReturn",
        ReturnState.DECLINED,
        return_id=return_id,
        answer=answer,
        idempotency_key=idempotency_key,
    )


async def _answer(
    session: AsyncSession,
    viewer: Viewer,
    operation: str,
    state: ReturnState,
    *,
    return_id: UUID,
    answer: str | None,
    idempotency_key: str,
) -> ReturnRequest:
    claimed = await idempotency.claim(
        session, viewer, operation, idempotency_key, return_id=return_id, answer=answer
    )
    viewer.require_user()
    part = await access_vendor_part(session, viewer, await _part_of(session, return_id))
    if claimed.replayed:
        return await session.get_one(ReturnRequest, return_id)
    request = await _end(session, part, return_id, state)
    request.answer = answer
    kind = NotificationKind.RETURN_ANSWERED
    await notify_buyer(session, part.order, kind, request.id)
    await idempotency.record_result(session, claimed, return_id)
    return request


async def receive_return(
    session: AsyncSession,
    viewer: Viewer,
    *,
    return_id: UUID,
    restock: bool,
    idempotency_key: str,
) -> ReturnRequest:
    """Note that the goods of an accepted return have arrived, and refund them.

    With `restock`, they can be sold again. Raises `InvalidReturnState`, and `TooManyUnits` if units
    were refunded in the meantime.
    """
    claimed = await idempotency.claim(
        session, viewer, "receiveReturn", idempotency_key, return_id=return_id, restock=restock
    )
    viewer.require_user()
    part = await access_vendor_part(session, viewer, await _part_of(session, return_id))
    if claimed.replayed:
        return await session.get_one(ReturnRequest, return_id)
    request = await _end(session, part, return_id, ReturnState.RECEIVED)
    wanted = await find_return_lines(session, return_id)
    by_id = {line.id: line for line in await find_lines(session, part.suborder.id)}
    chosen = [(by_id[one.line_id], one.quantity) for one in wanted]
    record_step(
        session,
        part.order,
        OrderStepKind.RETURNED,
        OrderActor.VENDOR,
        viewer=viewer,
        suborder=part.suborder,
    )
    refund = await grant_refund(
        session,
        part.order,
        refund_units(chosen, returned=True),
        RefundReason.RETURNED,
        actor=OrderActor.VENDOR,
        viewer=viewer,
        restock=restock,
    )
    await follow_lines(session, part.order, part.suborder)
    await notify_buyer(session, part.order, NotificationKind.REFUND_GRANTED, refund.id)
    await idempotency.record_result(session, claimed, return_id)
    return request


async def expire_returns(transaction: OpenTransaction) -> bool:
    """Expire a batch of accepted returns whose goods did not come.

    Each return has a transaction. Returns whether there may be more.
    """
    before = now() - timedelta(days=RETURN_DAYS)
    rows = select(ReturnRequest.id).where(
        ReturnRequest.state == ReturnState.ACCEPTED, col(ReturnRequest.accepted_at) <= before
    )
    async with transaction() as session:
        found = await session.exec(rows.order_by(col(ReturnRequest.id)).limit(BATCH_SIZE))
        ids = found.all()
    expired = await one_by_one(transaction, ids, expire_return)
    return len(ids) == BATCH_SIZE and expired


async def expire_return(session: AsyncSession, return_id: UUID) -> bool:
    """Expire a return if its goods did not come. Returns whether it did."""
    part = await lock_part(session, await _part_of(session, return_id))
    request = await _lock(session, return_id)
    if not request.is_overdue:
        return False
    request.become(ReturnState.EXPIRED)
    publish_change(session, part.order, [part.suborder])
    return True


async def find_return_lines(session: AsyncSession, return_id: UUID) -> Sequence[ReturnLine]:
    rows = select(ReturnLine).where(ReturnLine.return_id == return_id)
    return (await session.exec(rows.order_by(col(ReturnLine.line_id)))).all()


async def _end(
    session: AsyncSession, part: LockedPart, return_id: UUID, state: ReturnState
) -> ReturnRequest:
    request = await _lock(session, return_id)
    request.become(state)
    publish_change(session, part.order, [part.suborder])
    return request


async def _lock(session: AsyncSession, return_id: UUID) -> ReturnRequest:
    rows = select(ReturnRequest).where(ReturnRequest.id == return_id)
    return (await session.exec(for_change(rows))).one()


async def _part_of(session: AsyncSession, return_id: UUID) -> UUID:
    rows = select(ReturnRequest.suborder_id).where(ReturnRequest.id == return_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found
