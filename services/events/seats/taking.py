"""The seats of a hold: chosen by its user or for them, and held."""

from collections import defaultdict
from collections.abc import Sequence, Set
from uuid import UUID

from core.ids import new_id
from core.statements.statement import KEYS
from core.statements.units import UnitOfWork, connection_of
from models.errors import InvalidInput
from models.events.events import WaitlistRule
from models.events.seats.seat_maps import NoSeatsTogether, SeatPlace, SeatsTaken
from models.events.selling.holds import BestSeats, HoldDraft, HoldLine, TicketHold
from models.events.selling.waitlist import Together, WaitlistEntry
from models.events.ticket_types import TicketsSoldOut
from services.events.holds.access import LINES
from services.events.holds.ending import end_expired
from services.events.holds.sale import OpenSale
from services.events.seats.assigning import assign
from services.events.seats.best import (
    Wish,
    find_longest,
    hold_accessible,
    hold_anywhere,
    hold_in_row,
    hold_nearby,
)
from services.events.seats.choosing import choose_seats
from services.events.seats.places import (
    OF_HOLDS,
    PlaceChanged,
    extend_places,
    free_places,
    free_seats_of_holds,
    hold_places,
    lock_rows,
)


async def take_seats(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    draft: HoldDraft,
    *,
    former: bool = False,
) -> list[HoldLine]:
    """Return the lines of a hold, each seat as a line of its own, with the seats held.

    With `former`, the hold has seats: it keeps them if the draft names none and wants as many, and
    gives them back otherwise. Raises `SeatsTaken`, `LeavesSingleSeat`, `NoSeatsTogether`,
    `TicketsSoldOut` and `InvalidInput`.
    """
    seated = [line for line in lines if sale.is_seated(line.ticket_type_id)]
    wanted = sum(line.quantity for line in seated)
    own = await _own_seats(unit, hold) if former else []
    if draft.seat_ids is not None and not seated:
        raise InvalidInput("These tickets have no seats.", field=["seatIds"])
    chosen: dict[UUID, list[SeatPlace]] | None = None
    if own and draft.seat_ids is None and draft.best is None:
        if len(own) == wanted:
            chosen = await _keep(unit, sale, hold, seated, own)
        elif len(own) > wanted:
            chosen = await _keep_fewer(unit, sale, hold, seated, own)
    if chosen is None:
        if own:
            await free_seats_of_holds(unit, [hold.id])
        own_ids = {place.seat_id for place in own}
        chosen = await _take(unit, sale, hold, seated, draft, own_ids) if seated else {}
    return _lines_of(lines, chosen)


async def take_for_waiting(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    wish: WaitlistEntry,
) -> list[HoldLine]:
    """Return the lines of a waitlist hold, each seat as a line of its own, with the seats held.

    The rows are locked, and the public sale is closed there. Raises `PlaceChanged` if there are
    fewer seats than were counted.
    """
    seated = [line for line in lines if sale.is_seated(line.ticket_type_id)]
    if not seated:
        return list(lines)
    best = BestSeats(together=wish.together, accessible=wish.accessible)
    try:
        chosen = await _take_best(unit, sale, hold, seated, best, for_waiting=True)
    except (NoSeatsTogether, TicketsSoldOut) as refusal:
        raise PlaceChanged from refusal
    return _lines_of(lines, chosen)


async def _own_seats(unit: UnitOfWork, hold: TicketHold) -> list[SeatPlace]:
    return await OF_HOLDS.fetch(await connection_of(unit), **{KEYS: [hold.id]})


async def _keep(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    own: Sequence[SeatPlace],
) -> dict[UUID, list[SeatPlace]]:
    """Assign the seats that the hold has to its new lines, and hold them on."""
    rows = await lock_rows(unit, sale.date.id, {place.row_id for place in own})
    category_of = {row.row_id: row.category_id for row in rows}
    await extend_places(unit, hold.id, hold.extended_until(sale.moment))
    return assign(own, category_of, lines, sale.types)


async def _keep_fewer(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    own: Sequence[SeatPlace],
) -> dict[UUID, list[SeatPlace]] | None:
    """Hold the first of a hold's seats of each type on, and free the others.

    Returns None if it wants more of a type than it has: then all seats are chosen again.
    """
    rows = await LINES.fetch(await connection_of(unit), **{KEYS: [hold.id]})
    type_of = {row["seat_id"]: row["ticket_type_id"] for row in rows}
    of_type: defaultdict[UUID, list[SeatPlace]] = defaultdict(list)
    for place in sorted(own, key=lambda place: (place.row_id, place.pos)):
        of_type[type_of[place.seat_id]].append(place)
    if any(line.quantity > len(of_type[line.ticket_type_id]) for line in lines):
        return None
    chosen = {line.id: of_type[line.ticket_type_id][: line.quantity] for line in lines}
    kept = {place.seat_id for places in chosen.values() for place in places}
    await lock_rows(unit, sale.date.id, {place.row_id for place in own})
    left = [place for place in own if place.seat_id not in kept]
    await free_places(unit, sale.date.id, left)
    await extend_places(unit, hold.id, hold.extended_until(sale.moment))
    return chosen


async def _take(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    draft: HoldDraft,
    own: Set[UUID],
) -> dict[UUID, list[SeatPlace]]:
    """Hold seats. What is taken gets a second look, once holds that have expired are ended."""
    until = hold.extended_until(sale.moment)
    for _ in range(2):
        try:
            if draft.seat_ids is not None:
                seats, rows = await choose_seats(unit, sale, draft.seat_ids, own)
                category_of = {row.row_id: row.category_id for row in rows}
                assigned = assign(seats, category_of, lines, sale.types)
                await hold_places(unit, seats, hold.id, until)
                return assigned
            return await _take_best(unit, sale, hold, lines, draft.best or BestSeats())
        except (SeatsTaken, NoSeatsTogether, TicketsSoldOut) as refusal:
            failed = refusal
        if not await end_expired(unit, sale.date.id):
            break
        await free_seats_of_holds(unit, [hold.id])
    raise failed


async def _take_best(
    unit: UnitOfWork,
    sale: OpenSale,
    hold: TicketHold,
    lines: Sequence[HoldLine],
    best: BestSeats,
    *,
    for_waiting: bool = False,
) -> dict[UUID, list[SeatPlace]]:
    """Hold the best seats. Types that are sold for the same categories sit together."""
    groups: defaultdict[tuple[UUID, ...], list[HoldLine]] = defaultdict(list)
    for line in lines:
        groups[tuple(sorted(sale.types[line.ticket_type_id].category_ids))].append(line)
    chosen: dict[UUID, list[SeatPlace]] = {}
    accessible = best.accessible
    for category_ids, group in groups.items():
        wanted = sum(line.quantity for line in group)
        wish = Wish(
            event_date_id=sale.date.id,
            category_ids=category_ids,
            section_id=best.section_id,
            hold_id=hold.id,
            until=hold.extended_until(sale.moment),
            for_waiting=for_waiting,
        )
        here = min(accessible, wanted)
        accessible -= here
        seats = await _hold_group(unit, sale, wish, wanted, best.together, here)
        for line in group:
            chosen[line.id], seats = seats[: line.quantity], seats[line.quantity :]
    if accessible:
        raise InvalidInput("Choose at least as many tickets.", field=["best", "accessible"])
    return chosen


async def _hold_group(
    unit: UnitOfWork,
    sale: OpenSale,
    wish: Wish,
    wanted: int,
    together: Together,
    accessible: int,
) -> list[SeatPlace]:
    if accessible:
        seats = await hold_accessible(unit, wish, wanted, accessible)
    else:
        seats = await hold_in_row(unit, wish, wanted)
        if not seats and together is not Together.ROW:
            seats = await hold_nearby(unit, wish, wanted)
        if not seats and together is Together.ANY:
            seats = await hold_anywhere(unit, wish, wanted)
    if len(seats) == wanted:
        return seats
    longest = await find_longest(unit, wish)
    if longest == 0 or together is Together.ANY:
        waits = sale.event.waitlist is not WaitlistRule.OFF
        raise TicketsSoldOut(waitlist_open=waits, field=["lines"])
    raise NoSeatsTogether(largest=longest)


def _lines_of(lines: Sequence[HoldLine], chosen: dict[UUID, list[SeatPlace]]) -> list[HoldLine]:
    """Return the lines in their order, a line for each seat."""
    made: list[HoldLine] = []
    for line in lines:
        if line.id not in chosen:
            made.append(line)
            continue
        values = line.model_dump(exclude={"id", "quantity", "seat_id"})
        made += [
            HoldLine(id=new_id(), quantity=1, seat_id=place.seat_id, **values)
            for place in chosen[line.id]
        ]
    for position, line in enumerate(made):
        line.position = position
    return made
