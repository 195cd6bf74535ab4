"""Dates of events and opening hours in the nights on which clocks change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from models.vendors import Vendor
from models.vendors.hours import VendorHours
from schema.vendors import hours as fields
from services.vendors import hours as services
from tests.client import Client, gid
from tests.factories.world import World
from tests.product.nights.night import KINDS, Night
from tests.product.nights.test_bookings import shown
from tests.resolvers.events.inputs import dates_input
from tests.resolvers.vendors.test_vendor_hours import OPENING

DATES = "eventDates { id localStart startsAt endsAt doorsAt saleEndsAt }"


async def add(world: World, api: Client, night: Night, time: str, minutes: int) -> dict[str, Any]:
    owner = await world.user()
    vendor = await world.vendor(owner)
    venue = await world.venue(vendor, time_zone=night.zone)
    input = dates_input(
        await world.event(vendor),
        starts=[f"{night.day}T{time}"],
        minutes=minutes,
        venueId=gid(venue),
        doorsMinutes=60,
        saleEndsMinutes=30,
    )
    return await api.signed_in(owner).do("addEventDates", input, DATES)


async def test_a_date_in_the_hour_that_is_skipped_is_refused(world: World, api: Client) -> None:
    refused = await add(world, api, Night.next("spring"), "02:30", 120)
    (error,) = refused["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", ["starts", "0"])


@pytest.mark.parametrize("minutes", [15, 30, 45, 60, 120])
async def test_a_date_in_the_hour_that_comes_twice_begins_the_first_time(
    world: World, api: Client, minutes: int
) -> None:
    """It is as long as it was entered, also if clocks show an earlier time at its end."""
    night = Night.next("autumn")
    added = await add(world, api, night, "02:30", minutes)
    assert added["errors"] == []
    (date,) = added["eventDates"]
    start = night.at(2, 30)
    assert (date["localStart"], date["startsAt"]) == (f"{night.day}T02:30", shown(start))
    assert date["endsAt"] == shown(start + timedelta(minutes=minutes))
    assert date["doorsAt"] == shown(start - timedelta(hours=1)) == shown(night.at(1, 30))
    assert date["saleEndsAt"] == shown(start - timedelta(minutes=30))


async def opening(
    api: Client, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, at: datetime
) -> tuple[bool, str | None, str | None]:
    monkeypatch.setattr(fields, "now", lambda: at)
    found = (await api.ask(OPENING, id=gid(vendor)))["vendor"]
    return found["openNow"], found["opensAt"], found["closesAt"]


@pytest.mark.parametrize("kind", KINDS)
async def test_opening_hours_of_the_night(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A bar that is open from 22:00 to 4:00 is so for an hour less or more."""
    night = Night.next(kind)
    vendor = await world.vendor(time_zone=night.zone)
    eve = night.day - timedelta(days=1)
    bar = VendorHours(
        vendor_id=vendor.id, weekday=eve.isoweekday(), from_minute=1320, until_minute=1680
    )
    await world.save(bar)
    monkeypatch.setattr(services, "now", lambda: night.since - timedelta(hours=12))
    async with world.database.session() as session, session.begin():
        await services.compute_next(session, UUID(int=0))
    opens, closes = night.at(22, day=eve), night.at(4)
    assert closes - opens == timedelta(hours=6 + night.hours - 24)
    tick = timedelta(minutes=1)
    assert await opening(api, vendor, monkeypatch, opens - tick) == (
        False,
        shown(opens),
        None,
    )
    times = [opens, night.at(1, 59), night.at(3), closes - tick]
    if kind == "autumn":
        times += [night.at(2, 30, fold=fold) for fold in (0, 1)]
    for at in times:
        assert await opening(api, vendor, monkeypatch, at) == (True, None, shown(closes))
