"""Blocked times: they take what bookings leave of them, and show those bookings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.claims import MAX_BLOCKS, Claim, TimeBlock
from models.bookings.setting_up.resources import Resource
from models.vendors import MemberRole
from services.bookings.holding.claims import free_claims
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

BLOCK = """timeBlock { id startsAt endsAt reason blockSource
  bookingsInTheWay { nodes { id } totalCount } }"""
BLOCKS = """query ($id: ID!) { node(id: $id) { ... on Resource {
  timeBlocks { nodes { id reason } } } } }"""
Spans = Sequence[tuple[datetime, datetime]]


def block_input(
    resource: Resource, starts_at: datetime, ends_at: datetime, **changes: Any
) -> dict[str, Any]:
    given = {
        "resourceId": gid(resource),
        "startsAt": starts_at.isoformat(),
        "endsAt": ends_at.isoformat(),
        "idempotencyKey": "one",
    }
    return given | changes


async def blocked(world: World, resource: Resource, lane: int = 0) -> Spans:
    """Return the times of a lane that blocks have, those that touch as one."""
    rows = select(Claim).where(
        Claim.resource_id == resource.id, Claim.lane == lane, col(Claim.block_id).is_not(None)
    )
    async with world.database.session() as session:
        claims = (await session.exec(rows.order_by(col(Claim.blocked_from)))).all()
    spans: list[tuple[datetime, datetime]] = []
    for one in claims:
        if spans and spans[-1][1] == one.blocked_from:
            spans[-1] = (spans[-1][0], one.blocked_until)
        else:
            spans.append((one.blocked_from, one.blocked_until))
    return spans


async def test_block_time_shows_the_bookings_in_its_way(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, buffer_after=10)
    in_the_way = await clinic.booking()
    others = [
        await clinic.booking(starts_at=clinic.at(14)),
        await clinic.booking(None, clinic.at(11), clinic.ravi),
    ]
    meeting = await clinic.meeting(clinic.at(12))
    member = await world.booking(clinic.customer, clinic.yoga, meeting=meeting)
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    input = block_input(clinic.asha, clinic.at(9), clinic.at(13), reason=" Away ")
    saved = await staff.do("blockTime", input, BLOCK)
    assert saved["errors"] == []
    block = saved["timeBlock"]
    assert (block["reason"], block["blockSource"]) == ("Away", "TIME_OFF")
    assert block["bookingsInTheWay"] == {
        "nodes": [{"id": gid(in_the_way)}, {"id": gid(member)}],
        "totalCount": 2,
    }
    assert await blocked(world, clinic.asha) == [
        (clinic.at(9), clinic.at(10)),
        (clinic.at(10, 40), clinic.at(12)),
    ]
    assert await world.fresh(in_the_way) == in_the_way
    assert await staff.do("blockTime", input, BLOCK) == saved
    assert [await world.fresh(one) for one in others] == others


async def test_time_that_a_booking_frees_in_a_block_is_blocked(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    at_edge = await clinic.booking(starts_at=clinic.at(12, 45))
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    await staff.do("blockTime", block_input(clinic.asha, clinic.at(9), clinic.at(13)))
    for one in (booking, at_edge):
        async with world.database.session() as session, session.begin():
            await free_claims(session, [one.id])
    assert await blocked(world, clinic.asha) == [(clinic.at(9), clinic.at(13))]
    assert await clinic.claims(clinic.room) == []


async def test_block_time_covers_all_lanes_in_pieces_of_a_day(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    starts_at, ends_at = clinic.at(9), clinic.at(9) + timedelta(days=30)
    client = api.signed_in(clinic.owner)
    input = block_input(clinic.room, starts_at, ends_at)
    assert (await client.do("blockTime", input, BLOCK))["errors"] == []
    for lane in range(2):
        assert await blocked(world, clinic.room, lane) == [(starts_at, ends_at)]
    assert len(await clinic.claims(clinic.room)) == 60
    # A lane that is added later is blocked as well.
    ids = {"vendorId": gid(clinic.vendor), "resourceId": gid(clinic.room)}
    more = ids | {"lanes": 3, "idempotencyKey": "lanes"}
    assert await client.refusal_codes("saveResource", more) == []
    assert await blocked(world, clinic.room, lane=2) == [(starts_at, ends_at)]


async def test_block_time_takes_the_place_of_holds_that_have_expired(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    moment = now()
    await clinic.booking(
        state=BookingState.HELD, expires_at=moment, hard_until=moment + timedelta(minutes=1)
    )
    held = await clinic.booking(starts_at=clinic.at(11), state=BookingState.HELD)
    input = block_input(clinic.asha, clinic.at(9), clinic.at(13))
    client = api.signed_in(clinic.owner)
    block = (await client.do("blockTime", input, BLOCK))["timeBlock"]
    assert block["bookingsInTheWay"]["nodes"] == [{"id": gid(held)}]
    assert await blocked(world, clinic.asha) == [
        (clinic.at(9), clinic.at(11)),
        (clinic.at(11, 30), clinic.at(13)),
    ]


async def test_unblock_time_leaves_what_another_block_has(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    first = await client.do(
        "blockTime", block_input(clinic.asha, clinic.at(9), clinic.at(12)), BLOCK
    )
    second = block_input(clinic.asha, clinic.at(11), clinic.at(14), idempotencyKey="two")
    await client.do("blockTime", second)
    assert await blocked(world, clinic.asha) == [(clinic.at(9), clinic.at(14))]
    ids = {"blockId": first["timeBlock"]["id"]}
    removed = await client.do("unblockTime", ids, "deletedId")
    assert removed == {"deletedId": ids["blockId"], "errors": []}
    assert await blocked(world, clinic.asha) == [(clinic.at(11), clinic.at(14))]
    assert await client.refusal_codes("unblockTime", ids) == ["NOT_FOUND"]
    listed = await client.ask(BLOCKS, id=gid(clinic.asha))
    assert len(listed["node"]["timeBlocks"]["nodes"]) == 1


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (timedelta(seconds=1), timedelta(hours=1), "startsAt"),
        (timedelta(), timedelta(hours=1, seconds=1), "endsAt"),
        (timedelta(), timedelta(), "endsAt"),
        (timedelta(), timedelta(days=367), "endsAt"),
        (timedelta(days=-30), timedelta(days=-29), "endsAt"),
    ],
)
async def test_block_time_refuses(
    world: World, api: Client, starts: timedelta, ends: timedelta, field: str
) -> None:
    clinic = await Clinic.open(world)
    start = clinic.at(9)
    input = block_input(clinic.asha, start + starts, start + ends)
    payload = await api.signed_in(clinic.owner).do("blockTime", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]


async def test_block_time_stops_at_the_limit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    times: dict[str, Any] = {"starts_at": clinic.at(9), "ends_at": clinic.at(10)}
    await world.save(*(TimeBlock(resource_id=clinic.asha.id, **times) for _ in range(MAX_BLOCKS)))
    input = block_input(clinic.asha, clinic.at(11), clinic.at(12))
    codes = await api.signed_in(clinic.owner).refusal_codes("blockTime", input)
    assert codes == ["BLOCK_LIMIT_REACHED"]


async def test_times_are_blocked_by_staff_of_the_vendor_alone(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    block = await world.time_block(clinic.asha, clinic.at(15), clinic.at(16))
    calls = [
        ("blockTime", block_input(clinic.asha, clinic.at(9), clinic.at(10))),
        ("unblockTime", {"blockId": gid(block)}),
    ]
    for name, input in calls:
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    elsewhere = await new_member(world, await world.vendor(), MemberRole.OWNER)
    wrong = [
        clinic.customer,
        elsewhere,
        await clinic.member(MemberRole.SCANNER),
        await world.user(),
        await world.admin(),
    ]
    for user in wrong:
        for name, input in calls:
            assert await api.signed_in(user).refusal_codes(name, input) == ["NOT_FOUND"]
    listed = await api.signed_in(clinic.customer).ask(BLOCKS, id=gid(clinic.asha))
    assert listed["node"]["timeBlocks"]["nodes"] == []
    assert await world.fresh(block) == block
