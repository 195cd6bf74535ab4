"""Opening hours as members set them and as everyone sees them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from core.clock import now
from core.countries.public_holidays import holidays_of
from models.vendors import MemberRole, Vendor
from models.vendors.hours import VendorDay, VendorHours, VendorOpen
from services.vendors import hours as services
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.counting import statements

HOURS = """vendor {
  closesOnHolidays hours { weekday opens closes } days { day name spans { opens closes } }
}"""
OPENING = "query ($id: ID!) { vendor(id: $id) { openNow opensAt closesAt } }"
HOLIDAYS = "query ($id: ID!) { vendor(id: $id) { publicHolidays { day name estimated } } }"
ALWAYS = [{"weekday": weekday, "opens": "00:00", "closes": "00:00"} for weekday in range(1, 8)]


def span(weekday: int, opens: str, closes: str) -> dict[str, Any]:
    return {"weekday": weekday, "opens": opens, "closes": closes}


async def update(client: Client, vendor: Vendor, **given: Any) -> dict[str, Any]:
    return await client.do("updateVendor", {"vendorId": gid(vendor), **given}, HOURS)


async def open_times(world: World, vendor: Vendor) -> list[tuple[datetime, datetime]]:
    rows = select(VendorOpen).where(VendorOpen.vendor_id == vendor.id)
    async with world.database.session() as session:
        found = (await session.exec(rows)).all()
    return sorted((row.starts_at, row.ends_at) for row in found)


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER])
async def test_hours_are_replaced_and_shown(world: World, api: Client, role: MemberRole) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, role))
    day = (now() + timedelta(days=9)).date().isoformat()
    given: dict[str, Any] = {
        "hours": [span(6, "20:00", "02:30"), span(1, "14:00", "18:00"), span(1, "09:00", "13:00")],
        "days": [
            {"day": day, "name": "Stocktaking", "spans": []},
        ],
        "closesOnHolidays": True,
    }
    updated = await update(client, vendor, **given)
    assert updated["errors"] == []
    assert updated["vendor"] == {
        "closesOnHolidays": True,
        "hours": [
            span(1, "09:00", "13:00"),
            span(1, "14:00", "18:00"),
            span(6, "20:00", "02:30"),
        ],
        "days": given["days"],
    }
    kept = await update(client, vendor, phone="+918026543210")
    assert kept["vendor"] == updated["vendor"]
    removed = await update(client, vendor, hours=None, days=None, closesOnHolidays=None)
    assert removed["vendor"] == {"closesOnHolidays": False, "hours": [], "days": []}
    assert await open_times(world, vendor) == []


async def test_whether_a_vendor_is_open_at_this_time(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, client = await world.vendor(owner, time_zone="UTC"), api.signed_in(owner)
    unknown = {"openNow": None, "opensAt": None, "closesAt": None}
    assert (await api.ask(OPENING, id=gid(vendor)))["vendor"] == unknown
    assert (await update(client, vendor, hours=ALWAYS))["errors"] == []
    always = {"openNow": True, "opensAt": None, "closesAt": None}
    assert (await api.ask(OPENING, id=gid(vendor)))["vendor"] == always
    today = now().date()
    days = [{"day": str(today + timedelta(days=number)), "spans": []} for number in (-1, 0, 1)]
    assert (await update(client, vendor, days=days))["errors"] == []
    seen = (await api.ask(OPENING, id=gid(vendor)))["vendor"]
    midnight = datetime.combine(today + timedelta(days=2), datetime.min.time(), UTC)
    assert seen == {
        "openNow": False,
        "opensAt": midnight.isoformat().replace("+00:00", "Z"),
        "closesAt": None,
    }


async def test_the_end_of_the_current_time(world: World, api: Client) -> None:
    vendor, moment = await world.vendor(), now()
    ends_at, before = moment + timedelta(hours=2), moment - timedelta(days=1)
    await world.save(
        VendorHours(vendor_id=vendor.id, weekday=1, from_minute=0, until_minute=1440),
        VendorOpen(vendor_id=vendor.id, starts_at=before, ends_at=before + timedelta(hours=8)),
        VendorOpen(vendor_id=vendor.id, starts_at=moment - timedelta(hours=1), ends_at=ends_at),
    )
    seen = (await api.ask(OPENING, id=gid(vendor)))["vendor"]
    assert (seen["openNow"], seen["opensAt"]) == (True, None)
    assert datetime.fromisoformat(seen["closesAt"]) == ends_at


async def test_a_vendor_closes_on_holidays_that_are_certain(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner, country="NG", time_zone="UTC", subdivision=None)
    client = api.signed_in(owner)
    christmas = date(2026, 12, 25)
    certain = {one.day: one.estimated for one in holidays_of("NG", None, 2026)}
    assert certain[christmas] is False
    opened = await api_times(world, vendor, client, closes=False)
    closed = await api_times(world, vendor, client, closes=True)
    days = {start.date() for start, _ in opened} - {start.date() for start, _ in closed}
    year = now().year
    known = [*holidays_of("NG", None, year), *holidays_of("NG", None, year + 1)]
    first, last = min(opened)[0].date(), max(opened)[0].date()
    assert days == {one.day for one in known if not one.estimated and first <= one.day <= last}


async def test_a_shop_in_munich_closes_on_bavarian_holidays(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Epiphany is a holiday in Bavaria and not in all of Germany."""
    owner = await world.user()
    vendor = await world.vendor(owner, country="DE", time_zone="Europe/Berlin", subdivision=None)
    client, epiphany = api.signed_in(owner), date(2027, 1, 6)
    moment = datetime(2027, 1, 2, tzinfo=UTC)
    monkeypatch.setattr(services, "now", lambda: moment)
    opened = await api_times(world, vendor, client, closes=True)
    assert epiphany in {start.date() for start, _ in opened}
    address = {"streetLines": ["Rosental 1"], "city": "München", "postalCode": "80331"}
    fields = "vendor { address { subdivision formatted } }"
    given = {"vendorId": gid(vendor), "address": address | {"subdivision": "BY"}}
    moved = await client.do("updateVendor", given, fields)
    shown = {"subdivision": "Bayern", "formatted": ["Rosental 1", "80331 München"]}
    assert moved["vendor"]["address"] == shown
    assert epiphany not in {start.date() for start, _ in await open_times(world, vendor)}
    wrong = {"vendorId": gid(vendor), "address": address | {"subdivision": "Karnataka"}}
    assert await client.refusal_codes("updateVendor", wrong) == ["INVALID_INPUT"]


async def api_times(
    world: World, vendor: Vendor, client: Client, *, closes: bool
) -> list[tuple[datetime, datetime]]:
    noon = [span(weekday, "11:00", "13:00") for weekday in range(1, 8)]
    answer = await update(client, vendor, hours=noon, closesOnHolidays=closes)
    assert answer["errors"] == []
    return await open_times(world, vendor)


async def test_holidays_are_suggested_to_those_who_edit(world: World, api: Client) -> None:
    vendor = await world.vendor(country="DE", time_zone="Europe/Berlin")
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER)).reading("de")
    found = (await client.ask(HOLIDAYS, id=gid(vendor)))["vendor"]["publicHolidays"]
    assert "Neujahr" in {one["name"] for one in found}
    assert 9 <= len(found) <= 11
    assert [one["day"] for one in found] == sorted(one["day"] for one in found)
    staff = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    assert await staff.failed(HOLIDAYS, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(HOLIDAYS, id=gid(vendor)) == ["UNAUTHENTICATED"]


TODAY = now().date()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"hours": [span(0, "09:00", "10:00")]}, ["hours", "0", "weekday"]),
        ({"hours": [span(8, "09:00", "10:00")]}, ["hours", "0", "weekday"]),
        ({"hours": [span(1, "09:00:30", "10:00")]}, ["hours", "0"]),
        ({"hours": [span(1, "09:00", "12:00"), span(1, "11:59", "13:00")]}, ["hours"]),
        ({"hours": [span(6, "20:00", "02:30"), span(7, "02:00", "04:00")]}, ["hours"]),
        ({"hours": [span(7, "20:00", "02:30"), span(1, "02:00", "04:00")]}, ["hours"]),
        ({"hours": [span(1, "09:00", "10:00")] * 29}, ["hours"]),
        ({"days": [{"day": str(TODAY), "spans": []}] * 2}, ["days"]),
        ({"days": [{"day": str(TODAY - timedelta(days=3)), "spans": []}]}, ["days", "0", "day"]),
        ({"days": [{"day": str(TODAY + timedelta(days=369)), "spans": []}]}, ["days", "0", "day"]),
        ({"days": [{"day": str(TODAY), "spans": [], "name": "x" * 81}]}, ["days", "0", "name"]),
        (
            {
                "days": [
                    {
                        "day": str(TODAY),
                        "spans": [
                            {"opens": "09:00", "closes": "12:00"},
                            {"opens": "11:00", "closes": "13:00"},
                        ],
                    }
                ]
            },
            ["days", "0", "spans"],
        ),
    ],
    ids=str,
)
async def test_hours_that_are_not_valid(
    world: World, api: Client, given: dict[str, Any], field: list[str]
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    answer = await update(api.signed_in(owner), vendor, **given)
    assert [(one["code"], one["field"]) for one in answer["errors"]] == [("INVALID_INPUT", field)]
    assert await open_times(world, vendor) == []


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_hours_as_others(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor(await world.user())
    client = api.signed_in(await outsider(world, vendor, kind))
    changes: list[dict[str, Any]] = [{"hours": ALWAYS}, {"days": []}, {"closesOnHolidays": True}]
    for given in changes:
        answer = await update(client, vendor, **given)
        assert [error["code"] for error in answer["errors"]] == ["NOT_FOUND"]
    assert await open_times(world, vendor) == []


async def test_hours_of_many_vendors_take_as_many_statements_as_those_of_one(
    world: World, api: Client
) -> None:
    query = """query ($first: Int!) { vendors(first: $first) { nodes {
      openNow opensAt closesAt hours { opens } days { day } canonicalSlug
    } } }"""
    for number in range(5):
        vendor = await world.vendor()
        await world.save(
            VendorHours(vendor_id=vendor.id, weekday=1, from_minute=0, until_minute=1440),
            VendorDay(vendor_id=vendor.id, day=date(2027, 1, 1 + number)),
        )
    one, many = [await statements(api, query, first=first) for first in (1, 5)]
    assert len(one) == len(many) <= 6


async def test_times_are_computed_again_as_days_pass(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar of the design, on 2026-10-24 and a week later, by the job of each night."""
    monkeypatch.setattr(services, "BATCH_SIZE", 2)
    vendors = [await world.vendor(time_zone="Europe/Berlin") for _ in range(5)]
    for vendor in vendors:
        bar = VendorHours(vendor_id=vendor.id, weekday=6, from_minute=1200, until_minute=1590)
        await world.save(bar)
    for day, count in ((24, 3), (26, 2)):
        moment = datetime(2026, 10, day, 12, tzinfo=UTC)
        monkeypatch.setattr(services, "now", lambda moment=moment: moment)
        last: UUID | None = UUID(int=0)
        while last is not None:
            async with world.database.session() as session, session.begin():
                last = await services.compute_next(session, last)
        found = [await open_times(world, vendor) for vendor in vendors]
        assert {len(times) for times in found} == {count}
        assert found[0] == found[4]
    night = datetime(2026, 10, 31, 19, tzinfo=UTC), datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    assert found[0][0] == night
