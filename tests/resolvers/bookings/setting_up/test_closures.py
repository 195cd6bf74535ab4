"""Closures of vendors: with the bookings in their way, and public holidays as proposals."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.bookings.setting_up.schedules import (
    MAX_CLOSURES,
    Closure,
)
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.setting_up.test_schedules import in_days, today

CLOSURE = "closure { id fromDay untilDay name bookingsInTheWay { nodes { id } } }"


async def test_close_days_shows_the_bookings_in_the_way(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.owner)
    day = clinic.day()
    first = await clinic.booking(starts_at=clinic.at(9))
    last = await clinic.booking(starts_at=clinic.at(17, 30))
    await clinic.booking(starts_at=clinic.at(10, ahead=1))
    await clinic.booking(starts_at=clinic.at(10, ahead=3))
    input = {
        "vendorId": gid(clinic.vendor),
        "fromDay": day.isoformat(),
        "untilDay": day.isoformat(),
        "name": "Diwali",
        "idempotencyKey": "one",
    }
    saved = await client.do("closeDays", input, CLOSURE)
    assert saved["errors"] == []
    closure = saved["closure"]
    ids = [{"id": gid(first)}, {"id": gid(last)}]
    assert closure["bookingsInTheWay"]["nodes"] == ids
    assert await client.do("closeDays", input, CLOSURE) == saved
    listed = f"query ($v: ID!) {{ closures(vendorId: $v) {{ nodes {{ {CLOSURE[9:-1]} }} }} }}"
    for viewer, seen in ((api, []), (client, ids), (api.signed_in(clinic.customer), ids)):
        (node,) = (await viewer.ask(listed, v=gid(clinic.vendor)))["closures"]["nodes"]
        assert node == closure | {"bookingsInTheWay": {"nodes": seen}}
    removed = await client.do("reopenDays", {"closureId": closure["id"]}, "deletedId")
    assert removed == {"deletedId": closure["id"], "errors": []}
    codes = await client.refusal_codes("reopenDays", {"closureId": closure["id"]})
    assert codes == ["NOT_FOUND"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"untilDay": in_days(0)}, "untilDay"),
        ({"untilDay": in_days(367)}, "untilDay"),
        ({"fromDay": in_days(-3), "untilDay": in_days(-1)}, "untilDay"),
        ({"name": "\u200b"}, "name"),
    ],
)
async def test_close_days_refuses(
    world: World, api: Client, changes: dict[str, Any], field: str
) -> None:
    owner = await world.user()
    days = {"fromDay": in_days(1), "untilDay": in_days(2), "name": "Holi"}
    input = {"vendorId": gid(await world.vendor(owner)), "idempotencyKey": "one"} | days | changes
    payload = await api.signed_in(owner).do("closeDays", input)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]


async def test_close_days_stops_at_the_limit(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    day = today() + timedelta(days=5)
    given: dict[str, Any] = {
        "vendor_id": clinic.vendor.id,
        "from_day": day,
        "until_day": day,
        "name": "Closed",
    }
    await world.save(*(Closure(**given) for _ in range(MAX_CLOSURES)))
    days = {"fromDay": in_days(1), "untilDay": in_days(2), "name": "Holi"}
    input = {"vendorId": gid(clinic.vendor), "idempotencyKey": "one"} | days
    codes = await api.signed_in(clinic.owner).refusal_codes("closeDays", input)
    assert codes == ["CLOSURE_LIMIT_REACHED"]


async def test_holidays_are_proposed_and_closed_by_a_member(world: World, api: Client) -> None:
    clinic = await Clinic.open(world, await world.vendor(subdivision="Karnataka"))
    client = api.signed_in(await clinic.member(MemberRole.STAFF))
    ask = """query ($v: ID!) { holidayProposals(vendorId: $v) {
      day name estimated closure { name } } }"""
    proposals = (await client.ask(ask, v=gid(clinic.vendor)))["holidayProposals"]
    days = [one["day"] for one in proposals]
    assert len(days) > 10
    assert days == sorted(days)
    assert {one["closure"] for one in proposals if one["closure"] is None} == {None}
    assert all(one["closure"] is None for one in proposals)
    holiday = proposals[-1]
    await world.closure(clinic.vendor, date.fromisoformat(holiday["day"]), name="Festival")
    again = (await client.ask(ask, v=gid(clinic.vendor)))["holidayProposals"]
    assert {one["day"] for one in again if one["closure"]} == {holiday["day"]}
    assert await api.failed(ask, v=gid(clinic.vendor)) == ["UNAUTHENTICATED"]
    for user in (clinic.customer, await clinic.member(MemberRole.SCANNER)):
        assert await api.signed_in(user).failed(ask, v=gid(clinic.vendor)) == ["NOT_FOUND"]
