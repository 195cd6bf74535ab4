"""Compares what servers answered shoppers with the database: each act happened once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from strawberry.relay import to_base64

from core.database import Database
from models.bookings.bookings import Booking
from models.events.check_in.scans import Scan
from models.orders.orders import Order
from models.redemptions import Voucher
from tests.soak.shoppers import SoakCustomer

LATER = {("HELD", "EXPIRED"), ("PENDING", "EXPIRED"), ("CLAIMED", "EXPIRED")}
States = Mapping[str, str]  # by the id of the object


async def read_states(database: Database, people: Sequence[SoakCustomer]) -> dict[str, States]:
    """Return the states of all that the shoppers have, by kind."""
    ids = [one.user.id for one in people]
    doors = [hall.door.id for hall in people[0].town.halls]
    async with database.session() as session:

        async def states(model: Any, state: Any, mine: Any) -> States:
            rows = await session.exec(select(col(model.id), col(state)).where(mine))
            return {to_base64(model.__name__, id): str(found) for id, found in rows}

        return {
            "voucher": await states(Voucher, Voucher.state, col(Voucher.user_id).in_(ids)),
            "booking": await states(Booking, Booking.state, col(Booking.user_id).in_(ids)),
            "order": await states(Order, Order.state, col(Order.user_id).in_(ids)),
            "scan": await states(Scan, Scan.outcome, col(Scan.list_id).in_(doors)),
        }


def differences(stored: Mapping[str, States], people: Sequence[SoakCustomer]) -> list[str]:
    """Return each difference as a sentence."""
    found = [
        f"{one.user.name}: {name} {number} times"
        for one in people
        for name, number in one.counted.items()
        if name.startswith("not answered")
    ]
    for kind, states in stored.items():
        known = {
            id: seen.state for one in people for id, seen in one.done.items() if seen.kind == kind
        }
        found += [
            f"{kind} {id} is {known[id]} to its shopper, and not stored"
            for id in known.keys() - states.keys()
        ]
        found += [
            f"{kind} {id} is {states[id]}, and no server answered so"
            for id in states.keys() - known.keys()
        ]
        found += [
            f"{kind} {id} is {known[id]} to its shopper, and {states[id]} in the database"
            for id in known.keys() & states.keys()
            if known[id] != states[id] and (known[id], states[id]) not in LATER
        ]
    return found
