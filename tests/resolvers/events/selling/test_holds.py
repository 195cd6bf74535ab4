"""Holds without seats: made, changed, given back and expired."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.events.changes import EventChange
from models.events.events import EventState
from models.events.selling.holds import HoldSource, HoldState, TicketHold
from models.events.ticket_types import (
    TicketTypeKind,
    TypeCode,
)
from models.vendors import MemberRole, VendorStatus
from services.events.holds.ending import expire_holds, find_overdue
from tests.client import Client, gid
from tests.factories.events import tier
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed

SHOWN = """hold {
  id state holdSource expiresAt hardUntil revision endedAt total { decimal } eventDate { id }
  holdLines { quantity admits price { amountMinor } ticketType { id } }
}"""


async def expire(world: World, hold: TicketHold) -> None:
    fresh = await world.fresh(hold)
    fresh.expires_at = now() - timedelta(seconds=3)
    await world.save(fresh)


async def test_hold_tickets_once_per_key(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    client, input = api.signed_in(stall.user), hold_input(stall.date, (stall.kind, 3))
    payload = await client.do("holdTickets", input, SHOWN)
    assert payload["errors"] == []
    shown = payload["hold"]
    assert (shown["state"], shown["holdSource"], shown["total"]["decimal"]) == (
        "OPEN",
        "PUBLIC",
        "300.00",
    )
    assert shown["holdLines"] == [
        {
            "quantity": 3,
            "admits": 1,
            "price": {"amountMinor": 100_00},
            "ticketType": {"id": gid(stall.kind)},
        }
    ]
    assert shown["eventDate"] == {"id": gid(stall.date)}
    assert await client.do("holdTickets", input, SHOWN) == payload
    assert (await stall.taken(), await stall.counted(stall.user)) == (3, 3)
    (change,) = await changes(world)
    assert (change.event_date_id, change.ids) == (stall.date.id, [stall.quota.id])
    listed = await client.ask("{ ticketHolds { nodes { id } } }")
    assert listed["ticketHolds"]["nodes"] == [{"id": shown["id"]}]
    other = api.signed_in(await world.user())
    assert (await other.ask("{ ticketHolds { nodes { id } } }"))["ticketHolds"]["nodes"] == []
    again = await client.do(
        "holdTickets", input | keyed(), "errors { ...on HoldExists { holdId } }"
    )
    assert again["errors"][-1]["holdId"] == shown["id"]


async def changes(world: World) -> list[EventChange]:
    async with world.database.session() as session:
        return list((await session.exec(select(EventChange))).all())


async def test_a_group_ticket_takes_its_people_of_each_quota(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    small = await world.quota(stall.date, 7)
    group = await world.ticket_type(stall.event, stall.quota, small, admits=4)
    client = api.signed_in(stall.user)
    held = await client.do(
        "holdTickets", hold_input(stall.date, (group, 1), (stall.kind, 2)), SHOWN
    )
    assert held["errors"] == []
    assert await stall.taken() == 6
    assert (await world.fresh(small)).taken == 4
    other = api.signed_in(await world.user())
    assert await other.refusal_codes("holdTickets", hold_input(stall.date, (group, 1))) == [
        "TICKETS_SOLD_OUT"
    ]
    assert await stall.taken() == 6, "all or none"


async def test_the_first_open_tier_with_room_is_the_price(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    few = await world.quota(stall.date, 2)
    tiers = [
        tier("Past", 1_00, until=now() - timedelta(days=1)),
        tier("First two", 50_00, quota_id=few.id),
    ]
    kind = await world.ticket_type(stall.event, stall.quota, tiers=tiers)
    client = api.signed_in(stall.user)
    held = await client.do("holdTickets", hold_input(stall.date, (kind, 3)), SHOWN)
    assert held["hold"]["total"]["decimal"] == "300.00", "the tier has no room for three"
    other = api.signed_in(await world.user())
    held = await other.do("holdTickets", hold_input(stall.date, (kind, 2)), SHOWN)
    assert held["hold"]["total"]["decimal"] == "100.00"
    assert (await world.fresh(few)).taken == 2
    third = api.signed_in(await world.user())
    held = await third.do("holdTickets", hold_input(stall.date, (kind, 1)), SHOWN)
    assert held["hold"]["total"]["decimal"] == "100.00"


@pytest.mark.parametrize(
    ("table", "values", "code"),
    [
        ("event", {"state": EventState.PAUSED}, "SALE_NOT_OPEN"),
        ("event", {"state": EventState.ENDED}, "SALE_ENDED"),
        ("event", {"state": EventState.DRAFT}, "NOT_FOUND"),
        ("date", {"state": "POSTPONED"}, "SALE_NOT_OPEN"),
        ("date", {"sale_starts_at": now() + timedelta(days=1)}, "SALE_NOT_OPEN"),
        ("date", {"sale_ends_at": now()}, "SALE_ENDED"),
        ("date", {"state": "CANCELLED", "cancelled_at": now()}, "SALE_ENDED"),
        ("kind", {"sale_starts_at": now() + timedelta(days=1)}, "SALE_NOT_OPEN"),
        ("kind", {"state": "RETIRED"}, "SALE_ENDED"),
        ("kind", {"needs_code": True}, "CODE_NEEDED"),
        ("kind", {"max_per_order": 1}, "TICKET_QUANTITY"),
        ("kind", {"min_per_order": 3}, "TICKET_QUANTITY"),
        ("quota", {"taken": 9}, "TICKETS_SOLD_OUT"),
        ("quota", {"waitlist_first": True}, "TICKETS_SOLD_OUT"),
        ("vendor", {"status": VendorStatus.SUSPENDED}, "NOT_FOUND"),
    ],
)
async def test_hold_tickets_refuses(
    world: World, api: Client, table: str, values: dict[str, object], code: str
) -> None:
    stall = await BoxOffice.open(world)
    row = await world.fresh(getattr(stall, table))
    for name, value in values.items():
        setattr(row, name, value)
    await world.save(row)
    client = api.signed_in(stall.user)
    input = hold_input(stall.date, (stall.kind, 2))
    assert await client.refusal_codes("holdTickets", input) == [code]
    assert await stall.counted(stall.user) == 0


async def test_hold_tickets_refuses_types_that_the_date_does_not_sell(
    world: World, api: Client
) -> None:
    stall = await BoxOffice.open(world)
    unsold = await world.ticket_type(stall.event)
    foreign = await world.ticket_type(await world.event(stall.vendor), stall.quota)
    client = api.signed_in(stall.user)
    for kind in (unsold, foreign):
        assert await client.refusal_codes("holdTickets", hold_input(stall.date, (kind, 1))) == [
            "NOT_FOUND"
        ]
    late = hold_input(stall.date, (stall.kind, 1), (unsold, 1))
    (error,) = (await client.do("holdTickets", late))["errors"]
    assert error["field"] == ["lines", "1", "ticketTypeId"]
    many = hold_input(stall.date, (stall.kind, 11))
    (error,) = (await client.do("holdTickets", many))["errors"]
    assert (error["code"], error["field"]) == ("TICKET_QUANTITY", ["lines", "0", "quantity"])
    twice = hold_input(stall.date, (stall.kind, 1), (stall.kind, 1))
    assert await client.refusal_codes("holdTickets", twice) == ["INVALID_INPUT"]
    assert await client.refusal_codes("holdTickets", hold_input(stall.date)) == ["INVALID_INPUT"]
    valid = hold_input(stall.date, (stall.kind, 1))
    assert await api.mutation_failed("holdTickets", valid) == ["UNAUTHENTICATED"]


async def test_a_code_unlocks_a_hidden_type(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    hidden = await world.ticket_type(stall.event, stall.quota, needs_code=True)
    code = await world.promo_code(stall.vendor, code="FRIENDS")
    other = await world.promo_code(stall.vendor)
    await world.save(TypeCode(ticket_type_id=hidden.id, promo_code_id=code.id))
    client = api.signed_in(stall.user)
    wrong = hold_input(stall.date, (hidden, 1), code=other.code)
    assert await client.refusal_codes("holdTickets", wrong) == ["CODE_NEEDED"]
    right = hold_input(stall.date, (hidden, 1), code="friends")
    assert await client.refusal_codes("holdTickets", right) == []
    assert (await world.first(TicketHold)).promo_code_id == code.id


async def test_a_user_gets_at_most_the_limit_of_a_date(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world, max_per_user=4)
    parking = await world.ticket_type(stall.event, stall.quota, kind=TicketTypeKind.ADD_ON)
    await world.ticket(stall.user, stall.date, stall.kind, stall.quota)
    client = api.signed_in(stall.user)
    payload = await client.do("holdTickets", hold_input(stall.date, (stall.kind, 4)), LEFT)
    assert [(one["code"], one["left"]) for one in payload["errors"]] == [("TICKET_LIMIT", 3)]
    assert await stall.taken() == 1
    input = hold_input(stall.date, (stall.kind, 3), (parking, 2))
    held = await client.do("holdTickets", input, SHOWN)
    assert held["errors"] == [], "parking does not count"
    assert await stall.counted(stall.user) == 4
    assert await client.refusal_codes("releaseHold", {"holdId": held["hold"]["id"]}) == []
    assert (await stall.taken(), await stall.counted(stall.user)) == (1, 1)


LEFT = "errors { ...on TicketLimit { left } }"


async def test_change_hold_keeps_what_it_can_and_its_hard_end(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world, capacity=4)
    other = await world.ticket_type(stall.event, stall.quota, price=20_00)
    client = api.signed_in(stall.user)
    held = (await client.do("holdTickets", hold_input(stall.date, (stall.kind, 3)), SHOWN))["hold"]
    lines = [
        {"ticketTypeId": gid(other), "quantity": 3},
        {"ticketTypeId": gid(stall.kind), "quantity": 1},
    ]
    change = keyed(holdId=held["id"], lines=lines)
    changed = await client.do("changeHold", change, SHOWN)
    assert changed["errors"] == []
    shown = changed["hold"]
    assert (shown["revision"], shown["total"]["decimal"]) == (1, "160.00")
    assert shown["hardUntil"] == held["hardUntil"]
    assert shown["expiresAt"] > held["expiresAt"]
    assert await client.do("changeHold", change, SHOWN) == changed
    assert (await stall.taken(), await stall.counted(stall.user)) == (4, 4)
    lines[0]["quantity"] = 4
    more = keyed(holdId=held["id"], lines=lines)
    assert await client.refusal_codes("changeHold", more) == ["TICKETS_SOLD_OUT"]
    assert (await stall.taken(), await stall.counted(stall.user)) == (4, 4)
    row = await world.first(TicketHold)
    row.hard_until = row.expires_at = now() + timedelta(minutes=1)
    await world.save(row)
    fewer = keyed(holdId=held["id"], lines=lines[1:])
    late = (await client.do("changeHold", fewer, SHOWN))["hold"]
    assert late["expiresAt"] == late["hardUntil"], "never lengthened past its hard end"
    assert (await stall.taken(), await stall.counted(stall.user)) == (1, 1)


async def test_holds_are_changed_and_released_by_their_user_alone(
    world: World, api: Client
) -> None:
    stall = await BoxOffice.open(world)
    hold = await stall.hold(stall.user)
    change = keyed(holdId=gid(hold), lines=[{"ticketTypeId": gid(stall.kind), "quantity": 2}])
    owner = await world.user()
    await world.member(stall.vendor, owner, MemberRole.OWNER)
    for client in (api.signed_in(await world.user()), api.signed_in(owner)):
        assert await client.refusal_codes("changeHold", change) == ["NOT_FOUND"]
        assert await client.refusal_codes("releaseHold", {"holdId": gid(hold)}) == ["NOT_FOUND"]
    assert await api.mutation_failed("changeHold", change) == ["UNAUTHENTICATED"]
    assert await api.mutation_failed("releaseHold", {"holdId": gid(hold)}) == ["UNAUTHENTICATED"]
    client = api.signed_in(stall.user)
    released = await client.do("releaseHold", {"holdId": gid(hold)}, SHOWN)
    assert released["hold"]["state"] == "RELEASED"
    assert released["hold"]["endedAt"]
    assert await client.do("releaseHold", {"holdId": gid(hold)}, SHOWN) == released
    assert await client.refusal_codes("changeHold", change) == ["HOLD_EXPIRED"]
    assert (await stall.taken(), await stall.counted(stall.user)) == (0, 0)


async def test_release_hold_refuses_one_in_checkout(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    hold = await stall.hold(stall.user, state=HoldState.CHECKOUT)
    client = api.signed_in(stall.user)
    assert await client.refusal_codes("releaseHold", {"holdId": gid(hold)}) == ["HOLD_EXPIRED"]
    assert await stall.taken() == 1


async def test_an_expired_hold_gives_way_without_a_worker(world: World, api: Client) -> None:
    """The buyer who finds nothing left ends what has expired, and the user's own hold at once."""
    stall = await BoxOffice.open(world, capacity=2)
    hold = await stall.hold(stall.user, quantity=2)
    other = api.signed_in(await world.user())
    input = hold_input(stall.date, (stall.kind, 2))
    assert await other.refusal_codes("holdTickets", input) == ["TICKETS_SOLD_OUT"]
    await expire(world, hold)
    mine = keyed(holdId=gid(hold), lines=input["lines"])
    client = api.signed_in(stall.user)
    assert await client.refusal_codes("changeHold", mine) == ["HOLD_EXPIRED"]
    assert await client.refusal_codes("holdTickets", input | keyed()) == []
    assert (await world.fresh(hold)).state == HoldState.EXPIRED
    async with world.database.session() as session:
        rows = select(TicketHold).where(TicketHold.state == HoldState.OPEN)
        await expire(world, (await session.exec(rows)).one())
    assert await other.refusal_codes("holdTickets", input | keyed()) == []
    assert (await stall.taken(), await stall.counted(stall.user)) == (2, 0)


async def test_the_job_ends_holds_that_have_expired(world: World, api: Client) -> None:
    stall = await BoxOffice.open(world)
    hold, waiting = await stall.hold(stall.user), await stall.hold(await world.user())
    await expire(world, hold)
    async with world.database.session() as session, session.begin():
        assert await find_overdue(session) == [hold.id]
        await expire_holds(session, [hold.id, waiting.id])
    async with world.database.session() as session, session.begin():
        assert await find_overdue(session) == []
        await expire_holds(session, [hold.id])
    assert (await world.fresh(hold)).state == HoldState.EXPIRED
    assert (await world.fresh(waiting)).state == HoldState.OPEN
    assert (await stall.taken(), await stall.counted(stall.user)) == (1, 0)
    assert waiting.source is HoldSource.PUBLIC
