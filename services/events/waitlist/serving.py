"""Waitlists as a job serves them: with holds that live longer, before the public sale."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change, for_reliance
from core.ids import new_id
from core.statements.inserts import insert_row
from core.statements.units import connection_of
from models.errors import NotFound
from models.events.dates import EventDate
from models.events.events import Event, SaleEnded, SaleNotOpen, WaitlistRule
from models.events.selling.holds import HoldLine, HoldSource, TicketBuyer, TicketHold, WantedTickets
from models.events.selling.waitlist import (
    WaitlistEntry,
    WaitlistState,
    waitlist_hold_end,
)
from models.identity.accounts import User, UserState
from models.notifications.inbox import NotificationKind
from models.notifications.preferences import QuietHours
from models.vendors import Vendor
from services import jobs
from services.events.holds.ending import end_expired
from services.events.holds.holding import write_hold
from services.events.holds.lines import take_lines
from services.events.holds.sale import OpenSale, open_sale
from services.events.resale.holding import find_listed, hold_listed
from services.events.seats.taking import take_for_waiting
from services.events.waitlist.access import find_waitable_types
from services.events.waitlist.entries import announce_entries
from services.events.waitlist.first import lock_quotas_of, settle_waitlist_first
from services.events.waitlist.planning import (
    FreeTickets,
    ListedTicket,
    ServedEntry,
    WaitingEntry,
)
from services.events.waitlist.rows import count_free, lock_waited_rows
from services.notifications.inbox import Notice, notify_all

MAX_SERVED = 20  # of a transaction
MAX_WALKED = 1_000  # entries that a pass looks at
BATCH_SIZE = 100


async def serve_waitlist(session: AsyncSession, event_date_id: UUID) -> bool:
    """Hold what is free of a date for those who wait. Returns whether there may be more to serve.

    The date is locked: no user joins, holds or is served meanwhile.
    """
    if not await _lock_date(session, event_date_id):
        return False
    types = await find_waitable_types(session, event_date_id)
    try:
        sale = await open_sale(session, event_date_id, types)
    except (SaleNotOpen, NotFound):
        return False
    except SaleEnded:
        return await _end_all(session, event_date_id)
    notices: list[Notice] = []
    if sale.event.waitlist is not WaitlistRule.OFF:
        categories = await _lock_free(session, event_date_id)
        while len(notices) < MAX_SERVED:
            choice = await _choose(session, sale, categories)
            if choice is None:
                break
            notices.append(await _hold(session, sale, choice))
    await session.flush()
    await settle_waitlist_first(session, event_date_id)
    await notify_all(session, notices)
    return len(notices) == MAX_SERVED


async def _lock_date(session: AsyncSession, event_date_id: UUID) -> bool:
    """Lock a date, after its vendor and its event. Returns whether there is one."""
    parents = (
        select(Vendor.id)
        .join(Event, col(Event.vendor_id) == col(Vendor.id))
        .join(EventDate, col(EventDate.event_id) == col(Event.id))
        .where(EventDate.id == event_date_id)
    )
    found = (await session.exec(for_reliance(parents, of=(Vendor, Event)))).first()
    date = select(EventDate.id).where(EventDate.id == event_date_id)
    await session.exec(for_change(date))
    return found is not None


async def _lock_free(session: AsyncSession, event_date_id: UUID) -> set[UUID]:
    """Lock the quotas, and the rows that some wait for. Returns the categories of these.

    Holds that have expired are ended before the rows are locked.
    """
    await lock_quotas_of(session, event_date_id)
    await end_expired(session, event_date_id)
    return {row.category_id for row in await lock_waited_rows(session, event_date_id)}


async def _choose(
    session: AsyncSession, sale: OpenSale, category_ids: Collection[UUID]
) -> ServedEntry | None:
    """Return the entry that comes next. Those that can never be served end."""
    room = await lock_quotas_of(session, sale.date.id)
    on_sale = {id: kind for id, kind in sale.types.items() if kind.is_on_sale(sale.moment)}
    ordered = dict(sorted(on_sale.items(), key=lambda item: (item[1].position, item[0])))
    listed = await find_listed(session, sale.date.id)
    counted = await count_free(session, [sale.date.id], category_ids)
    seats = counted[sale.date.id] if sale.date.seated else None
    free = FreeTickets(ordered, sale.quota_ids, room.left, listed, seats)
    if not free.left:
        return None
    waiting = await _find_waiting(session, sale)
    return free.choose(waiting, sale.event.waitlist, sale.moment)


async def _find_waiting(session: AsyncSession, sale: OpenSale) -> Sequence[WaitingEntry]:
    """Return the entries in their order, locked. Those of erased accounts, and those whose users
    have as many tickets as one may, end.
    """
    rows = (
        select(WaitlistEntry, User, TicketBuyer)
        .join(User, col(User.id) == col(WaitlistEntry.user_id))
        .outerjoin(
            TicketBuyer,
            (col(TicketBuyer.user_id) == col(WaitlistEntry.user_id))
            & (col(TicketBuyer.event_date_id) == col(WaitlistEntry.event_date_id)),
        )
        .where(
            WaitlistEntry.event_date_id == sale.date.id,
            WaitlistEntry.state == WaitlistState.WAITING,
        )
        .order_by(col(WaitlistEntry.priority), col(WaitlistEntry.created_at), col(WaitlistEntry.id))
        .limit(MAX_WALKED)
    )
    found = (await session.exec(for_change(rows, of=WaitlistEntry))).all()
    waiting, ended = [], []
    for entry, user, buyer in found:
        allowed = sale.event.max_per_user - (buyer.tickets if buyer else 0)
        if user.is_erased or allowed < entry.least:
            entry.end(WaitlistState.LAPSED, sale.moment)
            ended.append(entry)
        else:
            waiting.append(WaitingEntry(entry, allowed, user.state is UserState.ACTIVE))
    await session.flush()
    await announce_entries(session, ended)
    return waiting


async def _hold(session: AsyncSession, sale: OpenSale, choice: ServedEntry) -> Notice:
    """Hold tickets for an entry. Returns the notice to its user, which is yet to be sent."""
    entry, moment = choice.entry, sale.moment
    quiet = await session.get(QuietHours, entry.user_id)
    until = waitlist_hold_end(moment, sale.date.sale_end, quiet)
    hold = TicketHold(
        id=new_id(),
        created_at=moment,
        event_date_id=sale.date.id,
        vendor_id=sale.event.vendor_id,
        user_id=entry.user_id,
        currency=sale.event.currency,
        source=HoldSource.WAITLIST,
        entry_id=entry.id,
        expires_at=until,
        hard_until=until,
    )
    tickets = choice.tickets
    wanted = [WantedTickets(ticket_type_id=id, quantity=n) for id, n in tickets.units.items()]
    taken = await take_lines(session, sale, hold.id, wanted, waitlist=True)
    entry.state = WaitlistState.HOLDING
    for one in choice.passed:
        await _skip(session, sale, one)
    await session.flush()
    await insert_row(await connection_of(session), hold)
    own = await take_for_waiting(session, sale, hold, taken.lines, entry)
    resold = _resold_lines(hold, tickets.listed, after=len(own))
    lines, counted = [*own, *resold], taken.counted + len(resold)
    await hold_listed(session, hold.id, [one.resale_id for one in resold if one.resale_id])
    await write_hold(session, sale, hold, replace(taken, lines=lines), counted=counted)
    await announce_entries(session, [entry])
    return Notice(entry.user_id, NotificationKind.WAITLIST_HOLD, hold.id)


def _resold_lines(
    hold: TicketHold, listed: Mapping[UUID, Sequence[ListedTicket]], *, after: int
) -> list[HoldLine]:
    """Return a line for each listed ticket, which counts in its quotas until it is sold."""
    pairs = [(type_id, one) for type_id, some in listed.items() for one in some]
    return [
        HoldLine(
            hold_id=hold.id,
            position=position,
            ticket_type_id=type_id,
            seat_id=one.seat_id,
            quantity=1,
            price=one.price,
            resale_id=one.listing_id,
        )
        for position, (type_id, one) in enumerate(pairs, start=after)
    ]


async def _skip(session: AsyncSession, sale: OpenSale, entry: WaitlistEntry) -> None:
    """Count that an entry was passed. When it stops blocking others, they are served."""
    blocked = entry.blocks_until
    entry.skip(sale.moment)
    if entry.blocks_until != blocked and entry.blocks_until is not None:
        await jobs.defer(
            session, "serve_waitlist", at=entry.blocks_until, event_date_id=sale.date.id
        )


async def _end_all(session: AsyncSession, event_date_id: UUID) -> bool:
    """End the entries of a date whose sale is over. Returns whether there are more."""
    rows = select(WaitlistEntry).where(
        WaitlistEntry.event_date_id == event_date_id,
        WaitlistEntry.state == WaitlistState.WAITING,
    )
    entries = (
        await session.exec(for_change(rows.order_by(col(WaitlistEntry.id)).limit(BATCH_SIZE)))
    ).all()
    for entry in entries:
        entry.end(WaitlistState.LAPSED, now())
    await session.flush()
    await announce_entries(session, entries)
    return len(entries) == BATCH_SIZE


async def find_waiting_dates(session: AsyncSession, after: UUID) -> Sequence[UUID]:
    """Return dates after an id that users wait for, in its order."""
    rows = (
        select(WaitlistEntry.event_date_id)
        .where(WaitlistEntry.state == WaitlistState.WAITING, WaitlistEntry.event_date_id > after)
        .distinct()
        .order_by(col(WaitlistEntry.event_date_id))
        .limit(BATCH_SIZE)
    )
    return (await session.exec(rows)).all()
