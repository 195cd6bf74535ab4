"""Transfers that holders make and withdraw."""

import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.ids import new_id
from core.security.sealed import Sealer
from models.errors import InvalidInput, NotFound
from models.events.dates import EventDate, EventDateState
from models.events.tickets import (
    MAX_TRANSFERS,
    TRANSFER_DAYS,
    AddressedReceiver,
    InvalidTransferState,
    Ticket,
    TicketListed,
    TicketTransfer,
    TransferRefused,
    TransferState,
    TransferTo,
)
from models.identity.accounts import User, UserState
from models.identity.phones import NumberNotServed
from models.notifications.inbox import NotificationKind
from models.quotas import DailyAct
from services import idempotency, jobs
from services.events.resale.access import find_open_listing
from services.events.tickets.access import (
    access_own_ticket,
    ensure_before_end,
    ensure_unused,
    lock_ticket,
)
from services.events.tickets.notices import notify_user
from services.events.transfers.access import lock_transfer
from services.events.transfers.announcing import announce, tell_scanners
from services.identity.phones.sms_shares import ensure_not_paused
from services.quotas import ensure_within_quota
from services.viewer import Viewer

Receiver = UUID | AddressedReceiver
# Charges a message to a phone number. Raises `NumberNotServed` and `TooManyRequests`.
ChargeMessage = Callable[[str], AbstractAsyncContextManager[None]]
NO_MESSAGES = "Codes cannot be sent to this number. Choose an email address instead."


async def transfer_ticket(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    ticket_id: UUID,
    receiver: Receiver,
    charge: ChargeMessage,
    idempotency_key: str,
) -> TicketTransfer:
    """Offer a ticket to a user, or to who has an address, once per idempotency key.

    A message to a phone number is charged to its limits.

    Raises `NotFound`, `TicketCancelled`, `TicketUsed`, `TicketDateOver`, `TicketListed`,
    `TransferRefused`, `NumberNotServed`, `DailyLimitReached`, and `InvalidTransferState` while
    another transfer is pending.
    """
    to: object = receiver
    if isinstance(receiver, AddressedReceiver):
        to = sealer.hash(receiver.kind, receiver.address).hex()
    claimed = await idempotency.claim(
        session, viewer, "transferTicket", idempotency_key, ticket_id=ticket_id, receiver=to
    )
    if claimed.replayed:
        return await session.get_one(TicketTransfer, claimed.replayed)
    ticket = await access_own_ticket(session, viewer, ticket_id)
    moment = now()
    ticket.ensure_transferable(moment)
    date = await ensure_before_end(session, ticket)
    await ensure_unused(session, ticket)
    await _ensure_none_pending(session, ticket)
    if await find_open_listing(session, ticket_id) is not None:
        raise TicketListed
    transfer = TicketTransfer(
        id=new_id(),
        ticket_id=ticket_id,
        from_user_id=viewer.require_user(),
        to_kind=TransferTo.USER if isinstance(receiver, UUID) else receiver.kind,
        generation=ticket.generation,
        expires_at=_end_of(ticket, date, moment),
    )
    if isinstance(receiver, UUID):
        transfer.to_user_id = await _find_receiver(session, viewer, receiver)
    else:
        await _ensure_reachable(session, receiver, charge)
        transfer.seal_address(sealer, receiver)
        transfer.secret_hash = secrets.token_bytes(32)  # of no code: the message makes one
    session.add(transfer)
    await session.flush()
    await tell_scanners(session, ticket_id)
    await ensure_within_quota(session, transfer.from_user_id, DailyAct.TRANSFER_TICKET)
    await jobs.defer(session, "lapse_transfer", at=transfer.expires_at, transfer_id=transfer.id)
    if transfer.to_user_id is not None:
        kind = NotificationKind.TICKET_TRANSFER_RECEIVED
        await notify_user(session, transfer.to_user_id, kind, transfer.id)
    else:
        await jobs.defer(session, "send_transfer", transfer_id=transfer.id)
    announce(session, transfer)
    await idempotency.record_result(session, claimed, transfer.id)
    return transfer


async def withdraw_transfer(
    session: AsyncSession, viewer: Viewer, *, transfer_id: UUID
) -> TicketTransfer:
    """Withdraw a pending transfer of the viewer. One that is withdrawn already stays so.

    Raises `NotFound` and `InvalidTransferState`.
    """
    own = TicketTransfer.from_user_id == viewer.require_user()
    rows = select(TicketTransfer).where(TicketTransfer.id == transfer_id, own)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await lock_ticket(session, found.ticket_id)
    transfer = await lock_transfer(session, transfer_id)
    if transfer.state is TransferState.WITHDRAWN:
        return transfer
    if transfer.state is not TransferState.PENDING:
        raise InvalidTransferState
    transfer.end(TransferState.WITHDRAWN, now())
    await tell_scanners(session, transfer.ticket_id)
    announce(session, transfer)
    return transfer


async def _ensure_none_pending(session: AsyncSession, ticket: Ticket) -> None:
    counted = select(
        func.count(), func.count().filter(col(TicketTransfer.state) == TransferState.PENDING)
    ).where(TicketTransfer.ticket_id == ticket.id)
    made, pending = (await session.exec(counted)).one()
    if pending:
        raise InvalidTransferState("Another transfer of this ticket is open. Withdraw it first.")
    if made >= MAX_TRANSFERS:
        raise TransferRefused


async def _ensure_reachable(
    session: AsyncSession, receiver: AddressedReceiver, charge: ChargeMessage
) -> None:
    """Raise `NumberNotServed` if no text messages are sent to a number."""
    if receiver.kind is not TransferTo.PHONE:
        return
    try:
        await ensure_not_paused(session, receiver.address)
        async with charge(receiver.address):
            pass
    except NumberNotServed as refusal:
        raise NumberNotServed(NO_MESSAGES, field=["to", "phone"]) from refusal


def _end_of(ticket: Ticket, date: EventDate, moment: datetime) -> datetime:
    """Return the end of a transfer: after some days, or when it is not possible any more."""
    ends = [moment + timedelta(days=TRANSFER_DAYS)]
    if date.state is not EventDateState.POSTPONED:
        ends.append(date.ends_at)
    return min([*ends, ticket.transfer_until] if ticket.transfer_until else ends)


async def _find_receiver(session: AsyncSession, viewer: Viewer, user_id: UUID) -> UUID:
    if user_id == viewer.user_id:
        raise InvalidInput("You have this ticket already. Choose another user.", field=["to"])
    user = await session.get(User, user_id)
    if user is None or user.is_erased or user.state is UserState.SUSPENDED:
        raise NotFound(field=["to", "userId"])
    return user_id
