"""Listed tickets in waitlist holds: found, held, freed, and held again for late money.

A listing is locked after the quotas, rows of seats, buyers and tickets of its date.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, false
from sqlmodel import col, func, select, update

from core.database import exists_in, for_change
from core.statements.selected import columns_of
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.events.check_in.lists import CheckInList, CheckInMode
from models.events.check_in.scans import TicketPresence
from models.events.seats.seat_maps import SeatPlace
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.tickets import Ticket, TicketState
from services import jobs
from services.events.entries import TicketChanged
from services.events.waitlist.planning import ListedTicket
from services.journal import append as journal
from services.journal.topics import user_topic

_LISTED = col(ResaleListing.state) == ResaleState.LISTED
_IS_USED = exists_in(
    TicketPresence,
    TicketPresence.ticket_id == Ticket.id,
    TicketPresence.entries > 0,
    col(TicketPresence.list_id).in_(
        select(CheckInList.id).where(CheckInList.mode == CheckInMode.ONCE)
    ),
)
_LISTING: list[Any] = [
    col(ResaleListing.id),
    col(ResaleListing.user_id),
    col(ResaleListing.price),
    col(Ticket.ticket_type_id),
    col(Ticket.seat_id),
    func.coalesce(col(SeatPlace.accessible), false()).label("accessible"),
]
# One that is being taken off the list is skipped.
OF_DATE = Statement(
    for_change(
        select(*_LISTING)
        .join(Ticket, col(Ticket.id) == col(ResaleListing.ticket_id))
        .outerjoin(SeatPlace, col(SeatPlace.ticket_id) == col(Ticket.id))
        .where(
            col(ResaleListing.event_date_id) == bindparam("event_date_id"),
            _LISTED,
            col(ResaleListing.hold_id).is_(None),
            col(Ticket.state) == TicketState.VALID,
            ~_IS_USED,
        )
        .order_by(col(ResaleListing.created_at), col(ResaleListing.id))
        .limit(100),
        of=ResaleListing,
        skip_locked=True,
    )
)
HOLD = Statement(
    update(ResaleListing)
    .where(any_of(col(ResaleListing.id)), _LISTED, col(ResaleListing.hold_id).is_(None))
    .values(hold_id=bindparam("for_hold", type_=Uuid()))
    .returning(*columns_of(ResaleListing)),
    ResaleListing,
)
FREE = Statement(
    update(ResaleListing)
    .where(any_of(col(ResaleListing.hold_id)), _LISTED)
    .values(hold_id=None)
    .returning(*columns_of(ResaleListing)),
    ResaleListing,
)
HELD = Statement(select(col(ResaleListing.id)).where(any_of(col(ResaleListing.hold_id)), _LISTED))
ANY_OF_DATE = Statement(
    select(col(ResaleListing.id))
    .where(
        col(ResaleListing.event_date_id) == bindparam("event_date_id"),
        _LISTED,
        col(ResaleListing.hold_id).is_(None),
    )
    .limit(1)
)
USED = Statement(select(col(Ticket.id)).where(any_of(col(Ticket.id)), _IS_USED))


async def find_listed(
    unit: UnitOfWork, event_date_id: UUID
) -> Mapping[UUID, Sequence[ListedTicket]]:
    """Return up to 100 listed tickets of a date that no hold has, by type, the oldest first.

    They are locked. Used tickets are left out.
    """
    found: defaultdict[UUID, list[ListedTicket]] = defaultdict(list)
    for row in await OF_DATE.fetch(await connection_of(unit), event_date_id=event_date_id):
        listed = ListedTicket(
            row["id"], row["user_id"], row["price"], row["seat_id"], row["accessible"]
        )
        found[row["ticket_type_id"]].append(listed)
    return found


async def is_any_listed(unit: UnitOfWork, event_date_id: UUID) -> bool:
    """Return whether a ticket of a date is listed that no hold has."""
    return bool(await ANY_OF_DATE.fetch(await connection_of(unit), event_date_id=event_date_id))


async def hold_listed(unit: UnitOfWork, hold_id: UUID, listing_ids: Collection[UUID]) -> bool:
    """Give listed tickets to a hold. Returns whether it has got all of them."""
    if not listing_ids:
        return True
    given = {KEYS: sorted(listing_ids), "for_hold": hold_id}
    held = await HOLD.fetch(await connection_of(unit), **given)
    _announce(unit, held)
    return len(held) == len(listing_ids)


async def free_listed(unit: UnitOfWork, hold_ids: Collection[UUID]) -> None:
    """Take listed tickets from holds that end. The next user who waits gets them."""
    freed = await FREE.fetch(await connection_of(unit), **{KEYS: sorted(hold_ids)})
    _announce(unit, freed)
    for event_date_id in sorted({one.event_date_id for one in freed}):
        await jobs.defer(unit, "serve_waitlist", event_date_id=event_date_id)


async def has_listed(
    unit: UnitOfWork, hold_ids: Collection[UUID], listing_ids: Collection[UUID]
) -> bool:
    """Return whether holds still have listed tickets: a cancelled one is listed no more."""
    found = await HELD.fetch(await connection_of(unit), **{KEYS: sorted(hold_ids)})
    return {row["id"] for row in found} == set(listing_ids)


async def is_used(unit: UnitOfWork, ticket_ids: Collection[UUID]) -> bool:
    """Return whether a list that admits each ticket once has admitted one of these."""
    return bool(await USED.fetch(await connection_of(unit), **{KEYS: sorted(ticket_ids)}))


def _announce(unit: UnitOfWork, listings: Sequence[ResaleListing]) -> None:
    for one in listings:
        journal.append(unit, TicketChanged(one.ticket_id), to=[user_topic(one.user_id)])
