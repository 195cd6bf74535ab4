"""The lines of a hold: each wanted type with its price, and the room that it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.events.events import WaitlistRule
from models.events.selling.holds import HoldLine, WantedTickets
from models.events.ticket_types import (
    TicketNeeded,
    TicketsSoldOut,
    TicketType,
    TicketTypeKind,
)
from services.events.holds.ending import end_expired
from services.events.holds.room import Room, lock_room
from services.events.holds.sale import OpenSale


@dataclass(frozen=True)
class Taken:
    """Lines with the room that they take, which is not written yet."""

    lines: Sequence[HoldLine]
    room: Room
    counted: int  # tickets for the limit of the buyer


async def take_lines(
    unit: UnitOfWork,
    sale: OpenSale,
    hold_id: UUID,
    wanted: Sequence[WantedTickets],
    *,
    given_back: Sequence[HoldLine] = (),
    waitlist: bool = False,
) -> Taken:
    """Lock the quotas and plan the lines, in place of those that are given back.

    What is sold out gets a second look: holds of the date that have expired are ended first, also
    if no worker runs. Raises `TicketsSoldOut`, and the refusals of the types.
    """
    types = []
    for position, one in enumerate(wanted):
        found = sale.choose_type(one.ticket_type_id, _field(position, "ticketTypeId"))
        found.ensure_quantity(one.quantity, _field(position, "quantity"))
        types.append(found)
    if not (waitlist or sale.at_desk):
        _ensure_company(types, wanted)
    own = {id for line in given_back for id in line.quota_ids}
    for _ in range(2):
        room = await lock_room(unit, {*sale.all_quota_ids, *own})
        for line in given_back:
            room.give_back(line)
        lines = _plan(sale, hold_id, types, wanted, room, waitlist=waitlist)
        if lines is not None:
            counted = sum(line.tickets for line in lines if _counts(sale, line))
            return Taken(lines, room, counted)
        if not await end_expired(unit, sale.date.id):
            break
    raise TicketsSoldOut(waitlist_open=sale.event.waitlist is not WaitlistRule.OFF, field=["lines"])


def _plan(
    sale: OpenSale,
    hold_id: UUID,
    types: Sequence[TicketType],
    wanted: Sequence[WantedTickets],
    room: Room,
    *,
    waitlist: bool,
) -> list[HoldLine] | None:
    """Return the lines, None if a quota has too little room."""
    lines = []
    for position, (found, one) in enumerate(zip(types, wanted, strict=True)):
        tickets = one.quantity * found.admits
        tier = found.open_tier(sale.tiers.get(found.id, []), room.left, sale.moment, tickets)
        limited = {tier.quota_id} if tier and tier.quota_id else set()
        quota_ids = sorted(limited.union(sale.quota_ids.get(found.id, [])))
        if not room.take(quota_ids, tickets, waitlist=waitlist):
            return None
        price = found.price_now(tier)
        found.ensure_amount(one.amount_minor, price, _field(position, "amountMinor"))
        lines.append(
            HoldLine(
                hold_id=hold_id,
                position=position,
                ticket_type_id=found.id,
                tier_id=tier.id if tier else None,
                quantity=one.quantity,
                admits=found.admits,
                price=price if one.amount_minor is None else one.amount_minor,
                quota_ids=quota_ids,
            )
        )
    return lines


def _ensure_company(types: Sequence[TicketType], wanted: Sequence[WantedTickets]) -> None:
    """Raise `TicketNeeded` for more companion tickets than tickets that they accompany."""
    chosen = {one.ticket_type_id: one.quantity for one in wanted}
    for position, found in enumerate(types):
        main_id = found.companion_of_id
        if main_id is not None and chosen[found.id] > chosen.get(main_id, 0):
            raise TicketNeeded(field=_field(position, "quantity"))


def _field(position: int, name: str) -> list[str]:
    """Return the path to a value of a wanted line."""
    return ["lines", str(position), name]


def _counts(sale: OpenSale, line: HoldLine) -> bool:
    return sale.types[line.ticket_type_id].kind is TicketTypeKind.ADMISSION
