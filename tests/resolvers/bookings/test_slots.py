"""Slots through the API: what customers and members see, and what is refused."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import ServiceState, StaffChoice
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.counting import statements

SLOTS = """query ($id: ID!, $from: DateTime!, $until: DateTime!, $staff: [ID!], $pets: Int! = 1) {
  slots(serviceId: $id, startsFrom: $from, startsBefore: $until, staffIds: $staff, pets: $pets) {
    cursor slots { startsAt endsAt localStart timeZone left hasMeeting staff { id name }
      price { decimal } dueOnline { decimal } } } }"""
DAYS = """query ($id: ID!, $from: Date!, $until: Date!, $zone: TimeZone, $staff: [ID!]) {
  availability(serviceId: $id, fromDay: $from, untilDay: $until, timeZone: $zone,
    staffIds: $staff) { timeZone cursor days { day isOpen slots firstStartsAt } } }"""
EXPLAIN = """query ($id: ID!, $at: DateTime!, $staff: ID) {
  explainSlot(serviceId: $id, startsAt: $at, staffId: $staff) {
    verdict earliest lastDay bookedThatDay
    resources { resource { name } endsAt works startsHere freeLanes
      claims { owner lane blockedFrom blockedUntil } } } }"""
IN_A_ROW = """query ($ids: [ID!]!, $from: DateTime!, $until: DateTime!) {
  consecutiveSlots(serviceIds: $ids, startsFrom: $from, startsBefore: $until) {
    startsAt endsAt slots { startsAt staff { id } } } }"""


def times(first: datetime, length: timedelta = timedelta(days=1)) -> dict[str, str]:
    return {"from": first.isoformat(), "until": (first + length).isoformat()}


async def slots(client: Client, clinic: Clinic, **variables: Any) -> Any:
    given = {"id": gid(clinic.visit), **times(clinic.at(0)), **variables}
    return (await client.ask(SLOTS, **given))["slots"]


def days(clinic: Clinic, ahead: int = 0) -> dict[str, str]:
    last = clinic.day() + timedelta(days=ahead)
    return {"id": gid(clinic.visit), "from": f"{clinic.day()}", "until": f"{last}"}


async def test_everybody_sees_slots_and_their_staff(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    await clinic.booking()
    found = await slots(api, clinic)
    assert (found["cursor"], len(found["slots"])) == (None, 18)
    ten = found["slots"][2]
    assert ten == {
        "startsAt": clinic.at(10).isoformat().replace("+00:00", "Z"),
        "endsAt": clinic.at(10, 30).isoformat().replace("+00:00", "Z"),
        "localStart": f"{clinic.day()}T10:00:00+05:30",
        "timeZone": "Asia/Kolkata",
        "left": 1,
        "hasMeeting": False,
        "staff": [{"id": gid(clinic.ravi), "name": "Ravi"}],
        "price": {"decimal": "500.00"},
        "dueOnline": {"decimal": "0.00"},
    }
    found = await slots(api.signed_in(clinic.customer), clinic, staff=[gid(clinic.asha)])
    assert found["cursor"]
    assert len(found["slots"]) == 17


async def test_a_hold_of_one_of_three_staff_leaves_two(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    third, rooms = (
        await world.working(clinic.vendor),
        await world.working(clinic.vendor, ResourceKind.ROOM, lanes=3),
    )
    service = await world.service(clinic.vendor, clinic.asha, clinic.ravi, third, rooms)
    holder = api.signed_in(clinic.customer)
    input = hold_input(service, clinic.at(10), clinic.asha)
    assert await holder.refusal_codes("holdBooking", input) == []
    found = (await slots(api, clinic, id=gid(service)))["slots"]
    left = {one["localStart"][11:16]: one["left"] for one in found}
    assert (len(left), left["09:30"], left["10:00"], left["10:30"]) == (18, 3, 2, 3)
    ids = {one["id"] for one in found[2]["staff"]}
    assert ids == {gid(clinic.ravi), gid(third)}


async def test_viewers_of_all_zones_are_offered_the_same(world: World, api: Client) -> None:
    """Also on a day with other hours of the clinic, which is another day for some viewers."""
    clinic = await Clinic.open(world)
    for resource in (clinic.asha, clinic.ravi, clinic.room):
        await world.day_override(resource, clinic.day(), (0, 24 * 60))
    expected = await slots(api, clinic)
    assert len(expected["slots"]) == 48
    for zone in ("Pacific/Pago_Pago", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"):
        viewer = api.signed_in(await world.user(time_zone=zone))
        assert (await slots(viewer, clinic))["slots"] == expected["slots"]


async def test_days_are_those_of_the_vendor_or_of_the_caller(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    found = (await api.ask(DAYS, **days(clinic)))["availability"]
    first = clinic.at(9).isoformat().replace("+00:00", "Z")
    assert found == {
        "timeZone": "Asia/Kolkata",
        "cursor": None,
        "days": [{"day": f"{clinic.day()}", "isOpen": True, "slots": 18, "firstStartsAt": first}],
    }
    found = (await api.ask(DAYS, **days(clinic), zone="America/New_York"))["availability"]
    assert (found["timeZone"], len(found["days"])) == ("America/New_York", 1)


async def test_hidden_staff_are_neither_shown_nor_chosen(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, staff_choice=StaffChoice.HIDDEN)
    for client in (api, api.signed_in(clinic.customer)):
        found = await slots(client, clinic)
        assert (found["slots"][0]["staff"], found["slots"][0]["left"]) == ([], 2)
        variables = {"id": gid(clinic.visit), **times(clinic.at(0)), "staff": [gid(clinic.asha)]}
        assert await client.failed(SLOTS, **variables) == ["BAD_USER_INPUT"]
    found = await slots(api.signed_in(clinic.owner), clinic, staff=[gid(clinic.asha)])
    assert [one["name"] for one in found["slots"][0]["staff"]] == ["Asha"]


async def test_slots_of_a_service_that_the_viewer_cannot_see(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, state=ServiceState.DRAFT)
    staff, stranger = await clinic.member(MemberRole.STAFF), await world.user()
    for client in (api, api.signed_in(stranger)):
        assert await slots(client, clinic) is None
        assert await slots(client, clinic, id=unknown("Service")) is None
        assert (await client.ask(DAYS, **days(clinic)))["availability"] is None
        ids = [gid(clinic.visit), gid(clinic.yoga)]
        found = await client.ask(IN_A_ROW, ids=ids, **times(clinic.at(0)))
        assert found["consecutiveSlots"] == []
    assert (await slots(api.signed_in(staff), clinic))["slots"] == []


async def test_long_spans_and_far_times_are_refused(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    id = gid(clinic.visit)
    week = timedelta(days=7)
    for first, length in [
        (clinic.at(0), week + timedelta(minutes=1)),
        (clinic.at(0), -timedelta(minutes=1)),
        (clinic.at(0) + timedelta(days=500), week),
        (clinic.at(0) - timedelta(days=30), week),
    ]:
        assert await api.failed(SLOTS, id=id, **times(first, length)) == ["BAD_USER_INPUT"]
    assert await api.failed(DAYS, **days(clinic, 62)) == ["BAD_USER_INPUT"]
    assert await api.failed(DAYS, **days(clinic, -1)) == ["BAD_USER_INPUT"]
    assert len((await api.ask(DAYS, **days(clinic, 61)))["availability"]["days"]) == 62
    for values in ({"pets": 0}, {"pets": 5}, {"staff": [gid(clinic.asha)] * 51}):
        assert await api.failed(SLOTS, id=id, **times(clinic.at(0)), **values) == ["BAD_USER_INPUT"]
    for ids in ([id], [id, id]):
        assert await api.failed(IN_A_ROW, ids=ids, **times(clinic.at(0))) == ["BAD_USER_INPUT"]


async def test_visits_in_a_row(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    ids = [gid(clinic.visit), gid(clinic.yoga)]
    found = (await api.ask(IN_A_ROW, ids=ids, **times(clinic.at(0))))["consecutiveSlots"]
    assert found[0]["startsAt"] == found[0]["slots"][0]["startsAt"]
    assert [one["slots"][1]["startsAt"] for one in found[:2]] == [
        clinic.at(10).isoformat().replace("+00:00", "Z")
    ] * 2


async def test_members_learn_why_a_start_is_not_offered(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, per_day=5)
    await clinic.booking()
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    asked = {"id": gid(clinic.visit), "at": clinic.at(10).isoformat()}
    found = (await client.ask(EXPLAIN, **asked, staff=gid(clinic.asha)))["explainSlot"]
    assert (found["verdict"], found["bookedThatDay"]) == ("TAKEN", 1)
    asha, room = found["resources"]
    assert (asha["resource"]["name"], asha["works"], asha["startsHere"]) == ("Asha", True, True)
    assert (asha["freeLanes"], room["freeLanes"], room["startsHere"]) == (0, 1, None)
    assert asha["claims"] == [
        {
            "owner": "BOOKING",
            "lane": 0,
            "blockedFrom": clinic.at(10).isoformat().replace("+00:00", "Z"),
            "blockedUntil": clinic.at(10, 30).isoformat().replace("+00:00", "Z"),
        }
    ]
    assert (await client.ask(EXPLAIN, **asked))["explainSlot"]["verdict"] == "OFFERED"
    verdicts = [
        (await client.ask(EXPLAIN, id=gid(clinic.visit), at=start.isoformat()))["explainSlot"]
        for start in (clinic.at(8), clinic.at(10, 5), clinic.at(9) - timedelta(days=5))
    ]
    assert [one["verdict"] for one in verdicts] == ["CLOSED", "OFF_GRID", "NOTICE"]


@pytest.mark.parametrize("role", [MemberRole.SCANNER, None])
async def test_others_learn_no_reasons(world: World, api: Client, role: MemberRole | None) -> None:
    clinic = await Clinic.open(world)
    other = await new_member(world, await world.vendor(), MemberRole.OWNER)
    user = other if role is None else await clinic.member(role)
    asked = {"id": gid(clinic.visit), "at": clinic.at(10).isoformat()}
    assert (await api.signed_in(user).ask(EXPLAIN, **asked))["explainSlot"] is None
    assert await api.failed(EXPLAIN, **asked) == ["UNAUTHENTICATED"]


async def test_the_statements_of_slots_do_not_grow_with_the_staff(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    asked = {"id": gid(clinic.visit), **times(clinic.at(0))}
    few = await statements(api, SLOTS, **asked)
    for _ in range(10):
        await world.service_resource(clinic.visit, await world.working(clinic.vendor))
    assert await statements(api, SLOTS, **asked) == few
    many = await statements(api, DAYS, **days(clinic, 30))
    assert sum("claim" in one for one in many) == sum("schedule" in one for one in many) == 1
