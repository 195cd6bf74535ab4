"""Staff, rooms, their schedules, other days and closures, as members of a vendor set them."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.clock import now
from core.wall import wall
from models.bookings.setting_up.resources import MAX_RESOURCES, Resource, ResourceKind
from models.bookings.setting_up.schedules import (
    MAX_OVERRIDES,
    MAX_SCHEDULES,
    DayOverride,
    Schedule,
)
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.bookings import ZONE
from tests.factories.vendors import OUTSIDERS, outsider
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic

RESOURCE = """resource { id name resourceKind state lanes timeZone weight position
  assignedUser { id } schedules { fromDay lastDay } }"""
SCHEDULE = "schedule { id fromDay lastDay weeklySpans { weekday opens closes } }"
OVERRIDES = """query ($id: ID!, $first: Int) { node(id: $id) { ... on Resource {
  dayOverrides(first: $first) { nodes { day spans { opens closes } }
    pageInfo { hasNextPage endCursor } } } } }"""


def today() -> date:
    return wall(now(), ZONE).date()


def in_days(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


async def test_save_resource_with_a_member_and_services(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    user = await world.user()
    member = await world.member(clinic.vendor, user, MemberRole.STAFF)
    input = {
        "vendorId": gid(clinic.vendor),
        "kind": "STAFF",
        "name": " Meera ",
        "memberId": gid(member, "Member"),
        "serviceIds": [gid(clinic.visit)],
        "idempotencyKey": "one",
    }
    saved = await client.do("saveResource", input, RESOURCE)
    assert saved["errors"] == []
    resource = saved["resource"]
    assert resource | {"id": ""} == {
        "id": "",
        "name": "Meera",
        "resourceKind": "STAFF",
        "state": "ACTIVE",
        "lanes": 1,
        "timeZone": "Asia/Kolkata",
        "weight": 100,
        "position": 0,
        "assignedUser": {"id": gid(user)},
        "schedules": [],
    }
    assert await client.do("saveResource", input, RESOURCE) == saved
    staff = "query ($v: ID!, $s: ID!) { staff(vendorId: $v, serviceId: $s) { nodes { name } } }"
    for service, names in ((clinic.visit, {"Asha", "Ravi", "Meera"}), (clinic.yoga, {"Asha"})):
        found = await api.ask(staff, v=gid(clinic.vendor), s=gid(service))
        assert {one["name"] for one in found["staff"]["nodes"]} == names
    again = input | {"idempotencyKey": "two"}
    assert await client.refusal_codes("saveResource", again) == ["MEMBER_HAS_RESOURCE"]


async def test_save_resource_changes_what_is_given(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    await world.service_resource(
        await world.service(clinic.vendor), clinic.ravi, price=700_00, duration=45
    )
    ids = {"vendorId": gid(clinic.vendor), "resourceId": gid(clinic.ravi)}
    given = {"name": "Ravi K.", "timeZone": "Asia/Kathmandu", "weight": 0, "idempotencyKey": "a"}
    changed = (await client.do("saveResource", ids | given, RESOURCE))["resource"]
    assert (changed["name"], changed["timeZone"], changed["weight"]) == (
        "Ravi K.",
        "Asia/Kathmandu",
        0,
    )
    reset = await client.do(
        "saveResource", ids | {"weight": None, "serviceIds": [], "idempotencyKey": "b"}, RESOURCE
    )
    assert reset["resource"]["weight"] == 100
    kind = ids | {"kind": "ROOM", "idempotencyKey": "c"}
    payload = await client.do("saveResource", kind)
    assert [one["field"] for one in payload["errors"]] == [["kind"]]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "https://evil.example"}, "name"),
        ({"kind": None}, "kind"),
        ({"lanes": 21}, "lanes"),
        ({"weight": -1}, "weight"),
        ({"position": 1_000}, "position"),
    ],
)
async def test_save_resource_refuses(
    world: World, api: Client, changes: dict[str, Any], field: str
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    given = {"kind": "ROOM", "name": "Room", "idempotencyKey": "one"}
    input = {"vendorId": gid(vendor)} | given | changes
    payload = await api.signed_in(owner).do("saveResource", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]


async def test_save_resource_refuses_what_is_of_other_vendors(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    other = await world.vendor()
    stranger: VendorMember = await world.member(other, await world.user(), MemberRole.STAFF)
    given = {"kind": "STAFF", "name": "Meera", "idempotencyKey": "one"}
    client = api.signed_in(clinic.owner)
    for changes in (
        {"memberId": gid(stranger, "Member")},
        {"serviceIds": [gid(await world.service(other))]},
        {"resourceId": gid(await world.resource(other))},
    ):
        input = {"vendorId": gid(clinic.vendor)} | given | changes
        payload = await client.do("saveResource", input)
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [
            ("NOT_FOUND", [*changes])
        ]
    member = await world.member(clinic.vendor, await world.user(), MemberRole.STAFF)
    room = given | {"kind": "ROOM", "memberId": gid(member, "Member")}
    payload = await client.do("saveResource", {"vendorId": gid(clinic.vendor)} | room)
    assert [one["field"] for one in payload["errors"]] == [["memberId"]]


async def test_retire_and_restore_a_resource(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    input = {"resourceId": gid(clinic.ravi)}
    for name, state in (("retireResource", "RETIRED"), ("restoreResource", "ACTIVE")):
        for _ in range(2):
            done = await client.do(name, input, "resource { state }")
            assert done == {"resource": {"state": state}, "errors": []}
    await client.do("retireResource", input)
    given: dict[str, Any] = {
        "vendor_id": clinic.vendor.id,
        "kind": ResourceKind.ROOM,
        "time_zone": ZONE,
    }
    await world.save(*(Resource(name="Room", **given) for _ in range(MAX_RESOURCES - 3)))
    assert await client.refusal_codes("restoreResource", input) == ["RESOURCE_LIMIT_REACHED"]
    new = {"vendorId": gid(clinic.vendor), "kind": "ROOM", "name": "Room", "idempotencyKey": "one"}
    assert await client.refusal_codes("saveResource", new) == ["RESOURCE_LIMIT_REACHED"]


async def test_save_schedule_cuts_times_at_midnight(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    resource = await world.resource(clinic.vendor)
    client = api.signed_in(await clinic.member(MemberRole.MANAGER))
    spans = [
        {"weekday": 7, "opens": "22:00", "closes": "06:00"},
        {"weekday": 1, "opens": "18:00", "closes": "00:00"},
    ]
    input = {
        "resourceId": gid(resource),
        "fromDay": in_days(1),
        "spans": spans,
        "idempotencyKey": "one",
    }
    saved = await client.do("saveSchedule", input, SCHEDULE)
    assert saved["errors"] == []
    assert saved["schedule"]["weeklySpans"] == [
        {"weekday": 1, "opens": "00:00", "closes": "06:00"},
        {"weekday": 1, "opens": "18:00", "closes": "00:00"},
        {"weekday": 7, "opens": "22:00", "closes": "00:00"},
    ]
    row: Schedule = await world.first(Schedule)
    assert await client.do("saveSchedule", input, SCHEDULE) == saved
    id = saved["schedule"]["id"]
    change = {"scheduleId": id, "untilDay": in_days(9), "idempotencyKey": "two"}
    changed = await client.do("saveSchedule", input | change, SCHEDULE)
    assert changed["schedule"]["lastDay"] == in_days(9)
    removed = await client.do("removeSchedule", {"scheduleId": id}, "deletedId")
    assert removed == {"deletedId": id, "errors": []}
    assert await client.refusal_codes("removeSchedule", {"scheduleId": id}) == ["NOT_FOUND"]
    assert row.until_day is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"untilDay": in_days(-1)}, ["untilDay"]),
        (
            {
                "spans": [
                    {"weekday": 1, "opens": "09:00", "closes": "12:00"},
                    {"weekday": 1, "opens": "11:00", "closes": "13:00"},
                ]
            },
            ["spans"],
        ),
        (
            {
                "spans": [
                    {"weekday": 7, "opens": "22:00", "closes": "06:00"},
                    {"weekday": 1, "opens": "05:00", "closes": "13:00"},
                ]
            },
            ["spans"],
        ),
        ({"spans": [{"weekday": 8, "opens": "09:00", "closes": "12:00"}]}, None),
        ({"spans": [{"weekday": 1, "opens": "09:00:30", "closes": "12:00"}]}, None),
    ],
)
async def test_save_schedule_refuses(
    world: World, api: Client, changes: dict[str, Any], field: list[str] | None
) -> None:
    owner = await world.user()
    resource = await world.resource(await world.vendor(owner))
    input = {"resourceId": gid(resource), "fromDay": in_days(0), "spans": []}
    payload = await api.signed_in(owner).do(
        "saveSchedule", input | changes | {"idempotencyKey": "one"}
    )
    (error,) = payload["errors"]
    assert error["code"] == "INVALID_INPUT"
    assert field is None or error["field"] == field


async def test_save_schedule_refuses_days_that_another_one_covers(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    input = {"resourceId": gid(clinic.asha), "fromDay": in_days(3), "spans": []}
    input |= {"idempotencyKey": "one"}
    assert await client.refusal_codes("saveSchedule", input) == ["SCHEDULE_OVERLAPS"]
    resource = await world.resource(clinic.vendor)
    since = date(2020, 1, 1)
    days = [since + timedelta(days=day) for day in range(MAX_SCHEDULES)]
    await world.save(
        *(Schedule(resource_id=resource.id, from_day=day, until_day=day) for day in days)
    )
    full = input | {"resourceId": gid(resource)}
    assert await client.refusal_codes("saveSchedule", full) == ["SCHEDULE_LIMIT_REACHED"]


async def test_set_day_override_and_return_to_the_schedule(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    ids = {"resourceId": gid(clinic.asha)}
    evening = [{"opens": "18:00", "closes": "00:00"}, {"opens": "08:00", "closes": "12:00"}]
    for day, spans in ((3, evening), (1, []), (2, [])):
        input = ids | {"day": in_days(day), "spans": spans}
        assert await client.refusal_codes("setDayOverride", input) == []
    page = await client.ask(OVERRIDES, id=gid(clinic.asha), first=2)
    found = page["node"]["dayOverrides"]
    assert [one["day"] for one in found["nodes"]] == [in_days(1), in_days(2)]
    assert found["pageInfo"]["hasNextPage"]
    await client.refusal_codes("setDayOverride", ids | {"day": in_days(1), "spans": None})
    await client.refusal_codes("setDayOverride", ids | {"day": in_days(2), "spans": evening})
    page = await client.ask(OVERRIDES, id=gid(clinic.asha))
    spans = [{"opens": "08:00", "closes": "12:00"}, {"opens": "18:00", "closes": "00:00"}]
    assert page["node"]["dayOverrides"]["nodes"] == [
        {"day": in_days(2), "spans": spans},
        {"day": in_days(3), "spans": spans},
    ]
    for day, times in ((-1, []), (1_099, []), (1, [{"opens": "22:00", "closes": "02:00"}])):
        input = ids | {"day": in_days(day), "spans": times}
        assert await client.refusal_codes("setDayOverride", input) == ["INVALID_INPUT"]


async def test_set_day_override_stops_at_the_limit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    days = [today() + timedelta(days=day) for day in range(1, MAX_OVERRIDES + 1)]
    await world.save(*(DayOverride(resource_id=clinic.asha.id, day=day) for day in days))
    client = api.signed_in(clinic.owner)
    new = {"resourceId": gid(clinic.asha), "day": in_days(0), "spans": []}
    assert await client.refusal_codes("setDayOverride", new) == ["DAY_OVERRIDE_LIMIT_REACHED"]
    assert await client.refusal_codes("setDayOverride", new | {"day": in_days(1)}) == []


@pytest.mark.parametrize("kind", ["nobody", *OUTSIDERS])
async def test_agendas_are_set_up_by_owners_and_managers_alone(
    world: World, api: Client, kind: str
) -> None:
    clinic = await Clinic.open(world)
    client = api
    if kind != "nobody":
        client = api.signed_in(await outsider(world, clinic.vendor, kind))
    schedule, closure = await world.first(Schedule), await world.closure(clinic.vendor, today())
    ids, key = {"resourceId": gid(clinic.asha)}, {"idempotencyKey": "one"}
    vendor = {"vendorId": gid(clinic.vendor)}
    days = {"fromDay": in_days(1), "untilDay": in_days(2), "name": "Holi"}
    calls: list[tuple[str, dict[str, Any]]] = [
        ("saveResource", vendor | ids | key | {"name": "Other"}),
        ("retireResource", ids),
        ("restoreResource", ids),
        ("saveSchedule", ids | key | {"fromDay": in_days(1), "spans": []}),
        ("removeSchedule", {"scheduleId": gid(schedule)}),
        ("setDayOverride", ids | {"day": in_days(1), "spans": []}),
        ("setDayOverride", ids | {"day": in_days(1), "spans": None}),
        ("closeDays", vendor | days | key),
        ("reopenDays", {"closureId": gid(closure)}),
    ]
    for name, input in calls:
        if kind == "nobody":
            assert await client.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        else:
            assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
    for row in (clinic.asha, schedule, closure):
        assert await world.fresh(row) == row
    hidden = "query ($id: ID!) { node(id: $id) { ... on Resource { schedules { id } } } }"
    found = await client.ask(hidden, id=gid(clinic.asha))
    seen = len((found["node"] or {"schedules": []})["schedules"])
    assert seen == (1 if kind in {"STAFF", "an admin"} else 0)
    listing = "query ($v: ID!) { resources(vendorId: $v) { totalCount } }"
    if kind == "nobody":
        assert await client.failed(listing, v=gid(clinic.vendor)) == ["UNAUTHENTICATED"]
    else:
        total = (await client.ask(listing, v=gid(clinic.vendor)))["resources"]["totalCount"]
        assert total == (4 if kind in {"STAFF", "an admin"} else 0)
