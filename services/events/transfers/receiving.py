"""Transfers that their receivers accept or decline, and those that end without an answer."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.codes import new_code
from models.audit import AuditAct
from models.errors import InvalidInput
from models.events.questions import AttendeeAnswer
from models.events.tickets import Ticket, TicketTransfer, TransferState
from models.notifications.inbox import NotificationKind
from services import idempotency
from services.audit import entries as audit
from services.events.tickets.access import (
    ensure_before_end,
    ensure_unused,
    find_ticket,
    lock_ticket,
)
from services.events.tickets.notices import notify_user
from services.events.transfers.access import find_received, lock_transfer
from services.events.transfers.announcing import announce, announce_new_holder, tell_scanners
from services.viewer import Viewer

BATCH_SIZE = 100


async def accept_transfer(
    session: AsyncSession,
    viewer: Viewer,
    *,
    transfer_id: UUID | None,
    code: str | None,
    idempotency_key: str,
) -> Ticket:
    """Make the viewer the holder of a ticket, once per idempotency key. Its former codes end.

    The name and the answers of the former attendee are deleted. What it counts in stays: it is the
    same ticket, of the same buyer. The ticket is locked before the transfer, so of two who accept
    at once, one does. Raises `NotFound`, `InvalidTransferState`, `TicketCancelled`, `TicketUsed`
    and `TicketDateOver`.
    """
    claimed = await idempotency.claim(
        session, viewer, "acceptTransfer", idempotency_key, transfer_id=transfer_id, code=code
    )
    if claimed.replayed:
        return await find_ticket(session, viewer, claimed.replayed)
    found = await find_received(session, viewer, transfer_id=transfer_id, code=code)
    ticket = await lock_ticket(session, found.ticket_id)
    transfer = await lock_transfer(session, found.id)
    if transfer.from_user_id == viewer.user_id:
        raise InvalidInput("You have this ticket already. Withdraw the transfer instead.")
    transfer.ensure_open(ticket, now())
    ticket.ensure_valid()
    await ensure_before_end(session, ticket)
    await ensure_unused(session, ticket)
    ticket.holder_id, ticket.attendee = viewer.require_user(), None
    await session.exec(delete(AttendeeAnswer).where(col(AttendeeAnswer.ticket_id) == ticket.id))
    ticket.renew(new_code())
    transfer.to_user_id = ticket.holder_id
    transfer.end(TransferState.ACCEPTED, now())
    await session.flush()
    announce_new_holder(session, transfer, ticket.id)
    await _tell_giver(session, transfer)
    audit.append(session, viewer, AuditAct.TRANSFER_TICKET, subject_id=ticket.id)
    await idempotency.record_result(session, claimed, ticket.id)
    return ticket


async def decline_transfer(
    session: AsyncSession, viewer: Viewer, *, transfer_id: UUID | None, code: str | None
) -> TicketTransfer:
    """Decline a transfer. The ticket stays its holder's. One that is declined stays so.

    Raises `NotFound` and `InvalidTransferState`.
    """
    found = await find_received(session, viewer, transfer_id=transfer_id, code=code)
    ticket = await lock_ticket(session, found.ticket_id)
    transfer = await lock_transfer(session, found.id)
    if transfer.state is TransferState.DECLINED:
        return transfer
    transfer.ensure_open(ticket, now())
    transfer.to_user_id = transfer.to_user_id or viewer.require_user()
    transfer.end(TransferState.DECLINED, now())
    await tell_scanners(session, transfer.ticket_id)
    await _tell_giver(session, transfer)
    return transfer


async def lapse_transfer(session: AsyncSession, transfer_id: UUID) -> None:
    """End a transfer whose time is over by the database's clock. A second call changes nothing."""
    over = select(TicketTransfer).where(
        TicketTransfer.id == transfer_id,
        TicketTransfer.state == TransferState.PENDING,
        TicketTransfer.expires_at <= func.now(),
    )
    found = (await session.exec(over)).first()
    if found is not None:
        await _end_pending(session, found, TransferState.LAPSED)


async def decline_transfers(session: AsyncSession, user_id: UUID) -> bool:
    """Decline transfers to a user whose account is erased. Returns whether there are more."""
    pending = select(TicketTransfer).where(
        TicketTransfer.to_user_id == user_id, TicketTransfer.state == TransferState.PENDING
    )
    some = pending.order_by(col(TicketTransfer.ticket_id)).limit(BATCH_SIZE)
    found = (await session.exec(some)).all()
    for one in found:
        await _end_pending(session, one, TransferState.DECLINED)
    return len(found) == BATCH_SIZE


async def find_overdue(session: AsyncSession) -> Sequence[UUID]:
    """Return transfers whose own job is late or was lost."""
    rows = select(TicketTransfer.id).where(
        TicketTransfer.state == TransferState.PENDING, TicketTransfer.expires_at <= func.now()
    )
    ordered = rows.order_by(col(TicketTransfer.expires_at)).limit(BATCH_SIZE)
    return (await session.exec(ordered)).all()


async def _end_pending(session: AsyncSession, found: TicketTransfer, state: TransferState) -> None:
    """End a transfer, unless it has ended meanwhile. Its ticket is locked before it."""
    await lock_ticket(session, found.ticket_id)
    transfer = await lock_transfer(session, found.id)
    if transfer.state is TransferState.PENDING:
        transfer.end(state, now())
        await tell_scanners(session, transfer.ticket_id)
        await _tell_giver(session, transfer)


async def _tell_giver(session: AsyncSession, transfer: TicketTransfer) -> None:
    announce(session, transfer)
    kind = NotificationKind.TICKET_TRANSFER_ENDED
    await notify_user(session, transfer.from_user_id, kind, transfer.id)
