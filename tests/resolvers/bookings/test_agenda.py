"""Agendas with their lanes, boards of arrivals, and figures of utilisation."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core.clock import now
from models.bookings.bookings import BookingState
from models.bookings.setting_up.resources import ResourceKind
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.zones import zone_at_noon
from tests.resolvers.counting import captured

AGENDA = """query ($vendor: ID!, $resources: [ID!], $day: Date, $span: AgendaSpan! = DAY) {
  agenda(vendorId: $vendor, resourceIds: $resources, day: $day, span: $span) {
    cursor startsAt endsAt timeZone isComplete
    others { id }
    lanes { resource { id name } openTimes { startsAt endsAt }
      bookings { id customer { name } service { name } guest { name } }
      meetings { id taken } blocks { id reason } } } }"""
BOARD = """query ($vendor: ID!) { arrivals(vendorId: $vendor) {
  expected late waiting seen missed bookings { id arrival visitCode } } }"""
FIGURES = """query ($vendor: ID!, $from: Date!, $until: Date!) {
  utilisation(vendorId: $vendor, fromDay: $from, untilDay: $until) {
    resource { name } openMinutes bookedMinutes bookedBps visits noShows cancellations } }"""


async def lanes(client: Client, clinic: Clinic, **values: Any) -> dict[str, Any]:
    given = {"vendor": gid(clinic.vendor), "day": clinic.day().isoformat(), **values}
    found: dict[str, Any] = (await client.ask(AGENDA, **given))["agenda"]
    return found | {"lanes": {one["resource"]["name"]: one for one in found["lanes"]}}


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in rows]


def shown(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def test_an_agenda_has_a_lane_for_each_resource(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    booking = await clinic.booking()
    guest = await clinic.booking(starts_at=clinic.at(12), staff=clinic.ravi)
    meeting = await clinic.meeting(clinic.at(15))
    await world.booking(clinic.customer, clinic.yoga, None, clinic.asha, meeting=meeting)
    block = await world.time_block(clinic.ravi, clinic.at(17), clinic.at(18), reason="Dentist")
    unassigned = await world.booking(clinic.customer, await world.service(clinic.vendor))
    await clinic.booking(starts_at=clinic.at(13), state=BookingState.CANCELLED)
    expired: dict[str, Any] = {
        "state": BookingState.HELD,
        "expires_at": now() - timedelta(minutes=1),
    }
    await clinic.booking(starts_at=clinic.at(14), **expired)
    found = await lanes(api.signed_in(await clinic.member(MemberRole.STAFF)), clinic)
    asha, ravi, room = (found["lanes"][name] for name in ("Asha", "Ravi", "Room"))
    assert found["timeZone"] == "Asia/Kolkata"
    assert found["isComplete"]
    assert asha["openTimes"] == [{"startsAt": shown(clinic.at(9)), "endsAt": shown(clinic.at(18))}]
    assert ids(asha["bookings"]) == [gid(booking)]
    assert asha["bookings"][0]["customer"]["name"] == clinic.customer.name
    assert [one["taken"] for one in asha["meetings"]] == [1]
    assert ids(found["lanes"]["Hall"]["meetings"]) == [gid(meeting)]
    assert ids(ravi["bookings"]) == [gid(guest)]
    assert ravi["blocks"] == [{"id": gid(block), "reason": "Dentist"}]
    assert ids(room["bookings"]) == [gid(booking), gid(guest)]
    assert ids(found["others"]) == [gid(unassigned)]


async def test_an_agenda_is_of_chosen_resources_and_days(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    later = await clinic.booking(starts_at=clinic.at(10, ahead=5))
    await world.closure(clinic.vendor, clinic.day())
    client = api.signed_in(clinic.owner)
    chosen = {"resources": [gid(clinic.asha)]}
    one_day = await lanes(client, clinic, **chosen)
    assert list(one_day["lanes"]) == ["Asha"]
    assert one_day["lanes"]["Asha"] | {"resource": None} == {
        "resource": None,
        "openTimes": [],
        "bookings": [],
        "meetings": [],
        "blocks": [],
    }
    week = await lanes(client, clinic, **chosen, span="WEEK")
    assert ids(week["lanes"]["Asha"]["bookings"]) == [gid(later)]
    assert len(week["lanes"]["Asha"]["openTimes"]) == 5, "a Sunday and the closure are not open"
    other = await world.resource(await world.vendor())
    assert await client.failed(AGENDA, vendor=gid(clinic.vendor), resources=[gid(other)]) == [
        "NOT_FOUND"
    ]


async def test_an_agenda_takes_the_same_statements_for_more_of_all(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    client = api.signed_in(clinic.owner)
    await lanes(client, clinic)
    with captured() as few:
        await lanes(client, clinic)
    for hour in range(3):
        staff = await world.working(clinic.vendor)
        customer = await world.user()
        await clinic.booking(customer, clinic.at(12 + hour), staff)
        await world.time_block(staff, clinic.at(9), clinic.at(10))
        await world.working(clinic.vendor, ResourceKind.EQUIPMENT)
    with captured() as many:
        await lanes(client, clinic, span="WEEK")
    assert len(many) == len(few) > 5, [statement for statement, _ in many]


@pytest.mark.parametrize(
    "query",
    [AGENDA, BOARD, FIGURES, "query ($vendor: ID!) { waitingRoom(vendorId: $vendor) { readAt } }"],
)
async def test_agendas_are_for_staff_alone(world: World, api: Client, query: str) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    given: dict[str, Any] = {"vendor": gid(clinic.vendor)}
    if query == FIGURES:
        given |= {"from": clinic.day().isoformat(), "until": clinic.day().isoformat()}
    assert await api.failed(query, **given) == ["UNAUTHENTICATED"]
    stranger = (await Clinic.open(world)).owner
    for wrong in (clinic.customer, await clinic.member(MemberRole.SCANNER), stranger):
        assert await api.signed_in(wrong).failed(query, **given) == ["NOT_FOUND"]
    staff = api.signed_in(await clinic.member(MemberRole.STAFF))
    await staff.ask(query, **given)


def minutes_ago(minutes: int) -> datetime:
    return (now() - timedelta(minutes=minutes)).replace(second=0, microsecond=0)


async def test_the_board_counts_who_is_late_and_who_waits(world: World, api: Client) -> None:
    vendor = await world.vendor(time_zone=zone_at_noon())
    clinic = await Clinic.open(world, vendor)
    late = await clinic.booking(starts_at=minutes_ago(20))
    waiting = await clinic.booking(starts_at=minutes_ago(-30), arrived_at=now())
    expected = await clinic.booking(starts_at=minutes_ago(-90))
    await clinic.booking(starts_at=minutes_ago(90), state=BookingState.COMPLETED)
    await clinic.booking(starts_at=minutes_ago(120), state=BookingState.NO_SHOW)
    await clinic.booking(starts_at=minutes_ago(-120), state=BookingState.CANCELLED)
    await clinic.booking(starts_at=clinic.at(10))
    board = (await api.signed_in(clinic.owner).ask(BOARD, vendor=gid(vendor)))["arrivals"]
    states = {one["id"]: one["arrival"] for one in board.pop("bookings")}
    assert board == {"expected": 2, "late": 1, "waiting": 1, "seen": 1, "missed": 1}
    assert [states[gid(one)] for one in (late, waiting, expected)] == [
        "LATE",
        "WAITING",
        "EXPECTED",
    ]


async def test_utilisation_counts_the_booked_part_of_open_hours(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    await clinic.booking(starts_at=clinic.at(11), state=BookingState.NO_SHOW)
    cancelled: dict[str, Any] = {"state": BookingState.CANCELLED, "confirmed_at": now()}
    await clinic.booking(starts_at=clinic.at(12), **cancelled)
    await clinic.meeting(clinic.at(15))
    day = clinic.day().isoformat()
    client = api.signed_in(clinic.owner)
    given = {"vendor": gid(clinic.vendor), "from": day}
    found = (await client.ask(FIGURES, **given, until=day))["utilisation"]
    by_name = {one.pop("resource")["name"]: one for one in found}
    assert by_name["Asha"] == {
        "openMinutes": 540,
        "bookedMinutes": 120,
        "bookedBps": 2222,
        "visits": 1,
        "noShows": 1,
        "cancellations": 1,
    }
    assert (by_name["Room"]["openMinutes"], by_name["Hall"]["bookedMinutes"]) == (1080, 60)
    assert (by_name["Ravi"]["bookedMinutes"], by_name["Ravi"]["visits"]) == (0, 0)
    far = (clinic.day() + timedelta(days=31)).isoformat()
    assert await client.failed(FIGURES, **given, until=far) == ["BAD_USER_INPUT"]
