"""Seats that members block, and tickets that get other seats."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from models.audit import AuditEntry
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.hall import Hall


def blocking(hall: Hall, *positions: int, **changes: Any) -> dict[str, Any]:
    ids = hall.ids(0, *positions)
    return {"eventDateId": gid(hall.date), "seatIds": ids, "state": "BLOCKED"} | changes


async def member(world: World, api: Client, hall: Hall, role: MemberRole) -> Client:
    user = await world.user()
    await world.member(hall.vendor, user, role)
    return api.signed_in(user)


async def test_blocked_seats_are_not_sold_until_they_are_freed(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    manager = await member(world, api, hall, MemberRole.MANAGER)
    assert await manager.refusal_codes("blockSeats", blocking(hall, 4, reason="Camera")) == []
    assert (await hall.states(0), await hall.sizes()) == (
        "FFFFBFFFFF",
        [1 << 4 | 1 << 5, 1 << 10],
    )
    client = api.signed_in(hall.user)
    assert await client.refusal_codes("holdTickets", hall.choosing(0, 4)) == ["SEATS_TAKEN"]
    freed = blocking(hall, 4, state="FREE")
    for _ in range(2):
        assert await manager.refusal_codes("blockSeats", freed) == []
    assert await hall.sizes() == [1 << 10, 1 << 10]
    await hall.take(client, 0, 0, 1)
    assert await manager.refusal_codes("blockSeats", blocking(hall, 1, 2)) == ["SEATS_TAKEN"]
    for wrong in ({"state": "SOLD"}, {"state": "FREE", "reason": "x"}, {"reason": "x" * 121}):
        refused = blocking(hall, 5, **wrong)
        assert await manager.refusal_codes("blockSeats", refused) == ["INVALID_INPUT"]
    await check_invariants(world.database)


async def told(world: World) -> list[tuple[UUID, UUID, int]]:
    """Return who was notified of another seat, of which ticket, for the how-manieth time."""
    async with world.database.session() as session:
        rows = select(Notification).where(Notification.kind == NotificationKind.TICKET_RESEATED)
        found = (await session.exec(rows.order_by(col(Notification.up_to_sequence)))).all()
    return [(one.user_id, one.subject_id, one.up_to_sequence) for one in found]


async def test_a_ticket_gets_another_seat(world: World, api: Client) -> None:
    hall = await Hall.open(world)
    ticket, other = await hall.sold_seat(0, 0), await hall.sold_seat(0, 1)
    staff = await member(world, api, hall, MemberRole.STAFF)
    given = {"ticketId": gid(ticket), "seatId": hall.ids(0, 5)[0]}
    for _ in range(2):
        moved = await staff.do("reseatTicket", given, "seat { number }")
        assert moved == {"seat": {"number": "6"}, "errors": []}
    assert (await hall.states(0), await hall.sizes()) == (
        "FSFFFSFFFF",
        [1 << 1 | 1 << 3 | 1 << 4, 1 << 10],
    )
    assert (await world.fresh(ticket)).generation == ticket.generation, "its code stays"
    assert await told(world) == [(hall.user.id, ticket.id, 1)]
    assert (await world.newest(AuditEntry)).subject_id == ticket.id
    again = given | {"seatId": hall.ids(0, 0)[0]}
    assert await staff.refusal_codes("reseatTicket", again) == []
    assert await told(world) == [(hall.user.id, ticket.id, 1), (hall.user.id, ticket.id, 2)]
    assert await staff.refusal_codes("reseatTicket", given) == []
    taken = given | {"seatId": hall.ids(0, 1)[0]}
    assert await staff.refusal_codes("reseatTicket", taken) == ["SEATS_TAKEN"]
    assert (await world.fresh(other)).seat_id == hall.rows[0][1].id
    await check_invariants(world.database)


async def test_seats_are_managed_by_members_of_their_vendor_alone(
    world: World, api: Client
) -> None:
    hall = await Hall.open(world)
    ticket = await hall.sold_seat(0, 0)
    reseat = {"ticketId": gid(ticket), "seatId": hall.ids(0, 5)[0]}
    stranger = await world.user()
    await world.member(await world.vendor(), stranger, MemberRole.OWNER)
    for user in (stranger, hall.user):
        client = api.signed_in(user)
        assert await client.refusal_codes("blockSeats", blocking(hall, 4)) == ["NOT_FOUND"]
        assert await client.refusal_codes("reseatTicket", reseat) == ["NOT_FOUND"]
    staff = await member(world, api, hall, MemberRole.STAFF)
    assert await staff.refusal_codes("blockSeats", blocking(hall, 4)) == ["NOT_FOUND"]
    assert await api.mutation_failed("blockSeats", blocking(hall, 4)) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("reseatTicket", reseat) == ["UNAUTHENTICATED"]
    assert await hall.states(0) == "SFFFFFFFFF"
