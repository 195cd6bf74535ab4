"""The outcome of refunds: one function writes it, for calls, webhooks and the poller.

So a refund is settled once, and the ledger moves once, whichever of them comes first.
"""

from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from gateways.payments.gateway import MoneyStatus, ProviderRefund
from models.ledger.accounts import AccountKind
from models.orders.timeline import OrderActor, OrderStepKind
from models.payments.payments import PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundPartState, RefundState
from services.notifications.inbox import Notice, notify_all
from services.orders.changes import publish_change
from services.orders.timeline import record_step
from services.refunds.notices import find_settled, find_stuck
from services.refunds.replacing import post_came_back, post_paid, replace_part
from services.refunds.rows import LockedRefundPart, lock_refund_part

FAILED = frozenset({MoneyStatus.FAILED, MoneyStatus.CANCELLED})

log = structlog.get_logger(__name__)


async def apply_refund(
    session: AsyncSession, provider: PaymentProvider, found: ProviderRefund
) -> bool:
    """Apply a refund as its provider has it. Returns whether it is one of ours."""
    this = RefundPart.reference == found.reference
    parts = select(RefundPart.id).where(
        RefundPart.provider == provider, or_(this, col(RefundPart.id) == found.refund_part_id)
    )
    part_id = (await session.exec(parts.limit(1))).first()
    if part_id is None:
        return False
    await settle_refund_part(session, part_id, found)
    return True


async def settle_refund_part(session: AsyncSession, part_id: UUID, found: ProviderRefund) -> None:
    """Write what a provider has made of a part of a refund.

    A second call with the same outcome changes nothing. A part that has failed stays so, for its
    money may have gone another way since. One that was settled can fail: the bank has sent it back.
    """
    locked = await lock_refund_part(session, part_id)
    part = locked.part
    if not _is_same(locked, found):
        log.error("refund.mismatch", refund_part_id=str(part_id), reference=found.reference)
        return
    part.reference, part.checked_at = found.reference, now()
    if part.part_state is RefundPartState.FAILED:
        return
    if found.status in FAILED:
        await fail_part(session, locked, found.error or found.status)
    elif part.part_state is RefundPartState.SETTLED:
        return
    elif found.status is MoneyStatus.SUCCEEDED:
        await _settle(session, locked)
    elif part.part_state is not RefundPartState.PENDING:
        part.part_state = RefundPartState.PENDING
        start_settling(locked.refund)
        publish_refund(session, locked)


def _is_same(locked: LockedRefundPart, found: ProviderRefund) -> bool:
    """Return whether it is the refund that we have asked for, and no other one."""
    part = locked.part
    return (
        (found.amount, found.currency) == (part.amount, locked.payment.currency)
        and found.refund_part_id in {None, part.id}
        and part.reference in {None, found.reference}
    )


async def fail_part(session: AsyncSession, locked: LockedRefundPart, error: str) -> None:
    """Note that a part has not arrived. Its refund is stuck until it goes another way.

    It goes into the wallet at once if the buyer has agreed to that before.
    """
    part = locked.part
    came_back = part.part_state is RefundPartState.SETTLED
    await _fail(session, locked, error)
    if came_back:
        await post_came_back(session, locked)
    if part.wallet_accepted_at is not None:
        await replace_part(session, locked)
        await follow_parts(session, locked)
    else:
        publish_refund(session, locked)
        await notify_all(session, await find_stuck(session, locked))


async def stick_part(
    session: AsyncSession, locked: LockedRefundPart, error: str
) -> Sequence[Notice]:
    """Note that a settled part did not reach the buyer after all. Returns the notices.

    Its money has not come back by the way of the part: the caller posts that it is due.
    """
    await _fail(session, locked, error)
    publish_refund(session, locked)
    return await find_stuck(session, locked)


async def _fail(session: AsyncSession, locked: LockedRefundPart, error: str) -> None:
    part, refund, order = locked.part, locked.refund, locked.subject.order
    part.fail(error)
    refund.state, refund.settled_at = RefundState.STUCK, None
    await session.flush()
    if order is not None:
        record_step(session, order, OrderStepKind.REFUND_FAILED, OrderActor.PLATFORM)


async def _settle(session: AsyncSession, locked: LockedRefundPart) -> None:
    locked.part.settle()
    await session.flush()
    await post_paid(session, locked, locked.part, AccountKind.PROVIDER)
    await follow_parts(session, locked)


async def follow_parts(session: AsyncSession, locked: LockedRefundPart) -> None:
    """Settle a refund with its last part, and notify the payer. Publishes the change."""
    await notify_all(session, await follow_refund(session, locked))


async def follow_refund(session: AsyncSession, locked: LockedRefundPart) -> Sequence[Notice]:
    """Settle a refund with its last part. Returns the notices, and publishes the change."""
    refund, order = locked.refund, locked.subject.order
    start_settling(refund)
    publish_refund(session, locked)
    if not await settle_if_done(session, refund):
        return []
    if order is not None and refund.amount:
        record_step(session, order, OrderStepKind.REFUND_SETTLED, OrderActor.PLATFORM)
    return await find_settled(session, locked)


def start_settling(refund: Refund) -> None:
    if refund.state is RefundState.GRANTED:
        refund.state = RefundState.SETTLING


async def settle_if_done(session: AsyncSession, refund: Refund) -> bool:
    """Settle a refund whose parts all are, or were replaced. Returns whether it is settled now."""
    await session.flush()
    replaced = select(RefundPart.replaces_id).where(RefundPart.refund_id == refund.id)
    replaced = replaced.where(col(RefundPart.replaces_id).is_not(None))
    unsettled = select(RefundPart.part_state).where(
        RefundPart.refund_id == refund.id,
        RefundPart.part_state != RefundPartState.SETTLED,
        col(RefundPart.id).not_in(replaced),
    )
    states = set((await session.exec(unsettled)).all())
    if not states:
        refund.state, refund.settled_at = RefundState.SETTLED, now()
    elif refund.state is RefundState.STUCK and RefundPartState.FAILED not in states:
        refund.state = RefundState.SETTLING
    return not states


def publish_refund(session: AsyncSession, locked: LockedRefundPart) -> None:
    """Publish a change to the buyer. Those of purchases have no subscription."""
    if locked.subject.order is not None:
        publish_change(session, locked.subject.order)
