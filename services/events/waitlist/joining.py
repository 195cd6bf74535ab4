"""Waitlists as users join and leave them, and decline the tickets that they get."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from models.errors import InvalidInput, NotFound
from models.events.events import WaitlistRule
from models.events.selling.holds import (
    HoldExpired,
    HoldSource,
    HoldState,
    TicketBuyer,
    TicketHold,
    TicketLimit,
)
from models.events.selling.waitlist import (
    InvalidWaitlistState,
    TicketsLeft,
    WaitlistClosed,
    WaitlistDraft,
    WaitlistEntry,
    WaitlistState,
)
from services import idempotency, jobs
from services.events.holds.access import lock_own_hold
from services.events.holds.ending import end_holds
from services.events.holds.room import lock_room
from services.events.holds.sale import OpenSale, open_sale
from services.events.resale.holding import is_any_listed
from services.events.waitlist.access import find_waitable_types, lock_own_entry
from services.events.waitlist.entries import announce_entries
from services.events.waitlist.first import close_public_sale
from services.events.waitlist.rows import close_rows, lock_public_seats
from services.viewer import Viewer


async def join_waitlist(
    session: AsyncSession,
    viewer: Viewer,
    *,
    event_date_id: UUID,
    draft: WaitlistDraft,
    idempotency_key: str,
) -> WaitlistEntry:
    """Put the viewer on the waitlist of a date that is sold out, once per idempotency key.

    From then on its quotas and seats are closed to the public sale. Raises `NotFound`,
    `SaleNotOpen`, `SaleEnded`, `WaitlistClosed`, `TicketsLeft`, `TicketLimit` and `AlreadyWaiting`.
    """
    user_id = viewer.require_user()
    claimed = await idempotency.claim(
        session,
        viewer,
        "joinWaitlist",
        idempotency_key,
        event_date_id=event_date_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return await lock_own_entry(session, viewer, claimed.replayed)
    types = await find_waitable_types(session, event_date_id)
    sale = await open_sale(session, event_date_id, types)
    if sale.event.waitlist is WaitlistRule.OFF or not types:
        raise WaitlistClosed
    if not set(draft.type_ids) <= set(types):
        raise NotFound(field=["ticketTypeIds"])
    accepted = draft.type_ids or types
    await _ensure_allowed(session, sale, user_id, draft.least)
    kept = await _close_if_sold_out(session, sale, accepted, draft)
    entry = WaitlistEntry(event_date_id=event_date_id, user_id=user_id, **draft.model_dump())
    session.add(entry)
    await session.flush()
    await announce_entries(session, [entry])
    if kept or await is_any_listed(session, event_date_id):
        await jobs.defer(session, "serve_waitlist", event_date_id=event_date_id)
    await idempotency.record_result(session, claimed, entry.id)
    return entry


async def _ensure_allowed(session: AsyncSession, sale: OpenSale, user_id: UUID, least: int) -> None:
    """Raise `TicketLimit` if the user could not get so many tickets of the date."""
    bought = await session.get(TicketBuyer, (sale.date.id, user_id))
    left = max(0, sale.event.max_per_user - (bought.tickets if bought else 0))
    if left < least:
        raise TicketLimit(left=left)


async def _close_if_sold_out(
    session: AsyncSession, sale: OpenSale, accepted: Sequence[UUID], draft: WaitlistDraft
) -> bool:
    """Close what types are sold out of to the public sale. Raises `TicketsLeft` if one is not.

    Returns whether a quota has room that is kept for those who wait, but is too little for them.

    The quotas and the rows of seats are locked, so that nothing becomes free, and nothing is sold,
    between the look and the entry.
    """
    quota_ids: Collection[UUID] = {id for one in accepted for id in sale.quota_ids[one]}
    room = await lock_room(session, quota_ids)
    seated = [sale.types[one] for one in accepted if sale.is_seated(one)]
    categories = {id for kind in seated for id in kind.category_ids}
    accessible = draft.accessible > 0
    seats = await lock_public_seats(session, sale.date.id, categories, accessible=accessible)
    if accessible and len(seated) == len(accepted) and not seats.accessible:
        raise InvalidInput(
            "These tickets have no accessible seats on this date.", field=["accessible"]
        )
    closing: set[UUID] = set()  # quotas
    sold_out: set[UUID] = set()  # categories
    for type_id in accepted:
        kind = sale.types[type_id]
        quotas = [room.quotas[id] for id in sale.quota_ids[type_id]]
        short = any(one.waitlist_first or one.left < kind.admits for one in quotas)
        gone = kind in seated and not seats.are_left(kind.category_ids, accessible=accessible)
        if not (short or gone) and kind.is_on_sale(sale.moment):
            raise TicketsLeft
        if short or kind not in seated:
            closing.update(sale.quota_ids[type_id])
        if gone:
            sold_out.update(kind.category_ids)
    await close_public_sale(session, closing)
    beside = sold_out - set(seats.general) if draft.most > draft.accessible else set()
    await close_rows(
        session,
        sale.date.id,
        general=beside if accessible else sold_out,
        accessible=sold_out if accessible else (),
    )
    return any(one.waitlist_first and one.left for one in room.quotas.values())


async def leave_waitlist(session: AsyncSession, viewer: Viewer, *, entry_id: UUID) -> WaitlistEntry:
    """End the viewer's entry, and give back what is held for it. A second call changes nothing.

    Raises `InvalidWaitlistState` for an entry that was served or lapsed, and `HoldExpired` if its
    tickets are part of an order.
    """
    rows = select(TicketHold).where(
        TicketHold.entry_id == entry_id,
        TicketHold.user_id == viewer.require_user(),
        TicketHold.state == HoldState.OPEN,
    )
    hold = (await session.exec(for_change(rows))).first()
    entry = await lock_own_entry(session, viewer, entry_id)
    if entry.state is WaitlistState.LEFT:
        return entry
    if not entry.live:
        raise InvalidWaitlistState
    if hold is not None:
        await end_holds(session, [hold], HoldState.RELEASED)
        await session.refresh(entry)
    elif entry.state is WaitlistState.HOLDING:
        raise HoldExpired
    else:
        entry.end(WaitlistState.LEFT, now())
        await announce_entries(session, [entry])
    await jobs.defer(session, "serve_waitlist", event_date_id=entry.event_date_id)
    return entry


async def decline_waitlist_hold(
    session: AsyncSession, viewer: Viewer, *, hold_id: UUID
) -> WaitlistEntry:
    """Give back the tickets that are held for an entry, and end it. The next one is served at once.

    Raises `NotFound` for a hold that is not of a waitlist, and `HoldExpired` for one that has ended
    in another way or is part of an order.
    """
    hold = await lock_own_hold(session, viewer, hold_id)
    if hold.source is not HoldSource.WAITLIST or hold.entry_id is None:
        raise NotFound
    if hold.state is HoldState.OPEN:
        await end_holds(session, [hold], HoldState.RELEASED)
    elif hold.state is not HoldState.RELEASED:
        raise HoldExpired
    return await lock_own_entry(session, viewer, hold.entry_id)
