"""Refunds whose outcome did not come: asked for at their providers, and stuck after some days."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from gateways.payments.errors import ObjectNotFound, PaymentProviderError
from gateways.payments.gateway import NewRefund, PaymentGateway, PaymentGateways, ProviderRefund
from models.payments.calls import CallPurpose
from models.payments.payments import Payment, PaymentProvider
from models.payments.refunds import Refund, RefundPart, RefundPartState, RefundState
from services.notifications.inbox import notify_all
from services.payments.calls.rows import find_open_call
from services.refunds.notices import to_admins
from services.refunds.outcomes import fail_part, publish_refund, settle_refund_part
from services.refunds.rows import lock_refund_part
from services.refunds.sending import find_refund_at, read_refund
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100
STUCK_DAYS = 10  # banks take up to ten days
# How long to wait between two questions about a refund that is not older than the age.
WAITS = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=400), timedelta(hours=6)),
)
ONLINE = [one for one in PaymentProvider if one.is_online]
KNOWN = (RefundPartState.SENT, RefundPartState.PENDING)

log = structlog.get_logger(__name__)


async def poll_refunds(transaction: OpenTransaction, gateways: PaymentGateways) -> bool:
    """Ask for a batch of refunds that are on their way. Returns whether there may be more.

    The older one is, the less often it is asked for.
    """
    checks = [
        and_(col(RefundPart.created_at) > now() - age, col(RefundPart.checked_at) <= now() - wait)
        for age, wait in WAITS
    ]
    rows = select(RefundPart.id).where(
        col(RefundPart.part_state).in_(KNOWN),
        col(RefundPart.provider).in_(list(gateways)),
        or_(*checks),
    )
    async with transaction() as session:
        found = await session.exec(rows.order_by(col(RefundPart.checked_at)).limit(BATCH_SIZE))
        ids = found.all()
    for part_id in ids:
        await poll_refund(transaction, gateways, part_id)
    return len(ids) == BATCH_SIZE


async def poll_refund(
    transaction: OpenTransaction, gateways: PaymentGateways, part_id: UUID
) -> None:
    """Ask for one refund, and write its outcome by the function that webhooks use too."""
    async with transaction() as session:
        part = await session.get_one(RefundPart, part_id)
        payment = await session.get_one(Payment, part.payment_id)
        wanted, reference = read_refund(payment, part), part.reference
        await _note_check(session, part_id)
        if await find_open_call(session, part_id, CallPurpose.REFUND) is not None:
            return  # its job goes on
        provider = part.provider
    try:
        found = await _find(gateways[provider], wanted, reference)
    except PaymentProviderError as error:
        log.info("refund.not_polled", refund_part_id=str(part_id), error=str(error))
        return
    async with transaction() as session:
        if found is not None:
            await settle_refund_part(session, part_id, found)
        else:
            await _fail_unsent(session, part_id)


async def _find(
    gateway: PaymentGateway, wanted: NewRefund, reference: str | None
) -> ProviderRefund | None:
    if reference is None:
        return await find_refund_at(gateway, wanted)
    try:
        return await gateway.find_refund(reference)
    except ObjectNotFound:
        return None


async def _note_check(session: AsyncSession, part_id: UUID) -> None:
    rows = select(RefundPart).where(RefundPart.id == part_id)
    part = (await session.exec(for_change(rows))).one()
    part.checked_at = now()


async def _fail_unsent(session: AsyncSession, part_id: UUID) -> None:
    """Note that a refund was never made: its call has ended, and the provider does not know it."""
    locked = await lock_refund_part(session, part_id)
    if locked.part.part_state is RefundPartState.SENT and locked.part.reference is None:
        await fail_part(session, locked, "not_sent")


async def find_stuck(transaction: OpenTransaction) -> bool:
    """Mark a batch of refunds as stuck that have waited too long, and notify the admins.

    Returns whether there may be more.
    """
    before = now() - timedelta(days=STUCK_DAYS)
    rows = (
        select(RefundPart.id)
        .join(Refund, col(Refund.id) == col(RefundPart.refund_id))
        .where(
            col(RefundPart.provider).in_(ONLINE),
            col(RefundPart.part_state).in_((RefundPartState.PLANNED, *KNOWN)),
            col(RefundPart.created_at) <= before,
            Refund.state != RefundState.STUCK,
        )
        .order_by(col(RefundPart.created_at))
        .limit(BATCH_SIZE)
    )
    async with transaction() as session:
        ids = (await session.exec(rows)).all()
    marked = await one_by_one(transaction, ids, mark_stuck)
    return len(ids) == BATCH_SIZE and marked


async def mark_stuck(session: AsyncSession, part_id: UUID) -> bool:
    """Mark the refund of a part as stuck, if it is still on its way. Returns whether it did."""
    locked = await lock_refund_part(session, part_id)
    if not locked.part.is_open or locked.refund.state is RefundState.STUCK:
        return False
    locked.refund.state = RefundState.STUCK
    publish_refund(session, locked)
    await notify_all(session, await to_admins(session, part_id))
    return True
