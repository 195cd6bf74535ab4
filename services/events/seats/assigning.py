"""Seats assigned to ticket types, each of which is sold for some price categories."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from models.errors import InvalidInput
from models.events.seats.seat_maps import SeatPlace
from models.events.selling.holds import HoldLine
from models.events.ticket_types import TicketType


def assign(
    seats: Sequence[SeatPlace],
    category_of: Mapping[UUID, UUID],
    lines: Sequence[HoldLine],
    types: Mapping[UUID, TicketType],
) -> dict[UUID, list[SeatPlace]]:
    """Return the seats of each line, by its id. `category_of` are the categories of rows.

    A maximum matching, because two types can share some of their categories. Raises `InvalidInput`
    if the seats are not as many as the tickets, or not of their categories.
    """
    wanted = [line for line in lines for _ in range(line.quantity)]
    if len(wanted) != len(seats):
        raise InvalidInput("Choose as many seats as tickets.", field=["seatIds"])
    fits = [
        [
            place
            for place, line in enumerate(wanted)
            if category_of[seat.row_id] in types[line.ticket_type_id].category_ids
        ]
        for seat in seats
    ]
    seat_of: dict[int, int] = {}
    for seat in range(len(seats)):
        if not _match(seat, fits, seat_of, set()):
            raise InvalidInput("These tickets are not sold for these seats.", field=["seatIds"])
    found: dict[UUID, list[SeatPlace]] = {line.id: [] for line in lines}
    for place, line in enumerate(wanted):
        found[line.id].append(seats[seat_of[place]])
    return found


def _match(
    seat: int, fits: Sequence[Sequence[int]], seat_of: dict[int, int], tried: set[int]
) -> bool:
    """Give a seat a ticket, moving others to other tickets if needed."""
    for place in sorted(fits[seat], key=lambda place: place in seat_of):
        if place in tried:
            continue
        tried.add(place)
        if place not in seat_of or _match(seat_of[place], fits, seat_of, tried):
            seat_of[place] = seat
            return True
    return False
