"""Figures by day of the days on which clocks change, in the vendor's time zone."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from core.database import Database
from models.bookings.bookings import BookingState
from models.vendors import MemberRole, Vendor
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.product.nights.night import KINDS, Night
from tests.product.nights.test_bookings import EVERY_DAY
from tests.resolvers.bookings.test_agenda import FIGURES
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.ledger.test_statements import EARNINGS
from tests.resolvers.redemptions.test_redemption_history import DAYS

SALES = "query ($id: ID!) { eventSales(eventDateId: $id) { byDay { day tickets } } }"
DATED = text("UPDATE ledger_entry SET created_at = :at WHERE id = (:id)")
TICK = timedelta(seconds=1)


@pytest.fixture(params=KINDS)
def night(request: pytest.FixtureRequest) -> Night:
    return Night.last(request.param)


def moments(night: Night) -> list[tuple[datetime, date]]:
    """Return each half an hour of the day and the last second, and those around it, with days."""
    day, before, after = (night.day + timedelta(days=number) for number in (0, -1, 1))
    inside = [*night.half_hours(), night.until - TICK]
    return [
        (night.since - TICK, before),
        *((one, day) for one in inside),
        (night.until, after),
    ]


def expected(night: Night) -> dict[str, int]:
    counts: dict[str, int] = {}
    for _, day in moments(night):
        counts[day.isoformat()] = counts.get(day.isoformat(), 0) + 1
    return counts


async def berlin(world: World, night: Night) -> tuple[Vendor, Any]:
    vendor = await world.vendor(country="DE", time_zone=night.zone)
    return vendor, await new_member(world, vendor, MemberRole.OWNER)


async def test_redemptions_by_day(world: World, api: Client, night: Night) -> None:
    vendor, owner = await berlin(world, night)
    voucher = await world.voucher(await world.offer(vendor), await world.user())
    for at, _ in moments(night):
        await world.redemption(vendor, voucher, created_at=at)
    days = sorted(expected(night))
    given = {"id": gid(vendor), "fromDay": days[0], "untilDay": days[-1]}
    found = (await api.signed_in(owner).ask(DAYS, **given))["vendor"]["redemptionDays"]
    assert {one["day"]: one["refused"] for one in found} == expected(night)
    only = given | {"fromDay": days[1], "untilDay": days[1]}
    (found,) = (await api.signed_in(owner).ask(DAYS, **only))["vendor"]["redemptionDays"]
    assert found == {"day": days[1], "approved": 0, "refused": 2 * night.hours + 1}


async def test_tickets_by_day(world: World, api: Client, night: Night) -> None:
    office = await BoxOffice.open(world, capacity=100)
    venue = await world.venue(office.vendor, time_zone=night.zone)
    date = await world.event_date(office.event, venue, starts_at=night.until + timedelta(days=500))
    for at, _ in moments(night):
        await world.ticket(None, date, office.kind, created_at=at)
    client = api.signed_in(await new_member(world, office.vendor, MemberRole.STAFF))
    found = (await client.ask(SALES, id=gid(date)))["eventSales"]["byDay"]
    assert {one["day"]: one["tickets"] for one in found} == expected(night)


async def test_statements_by_day(
    world: World, superuser: Database, api: Client, night: Night
) -> None:
    """The entries of three statements of a day are those of one of three days."""
    vendor, owner = await berlin(world, night)
    at_day = moments(night)
    for _ in at_day:
        await world.earned(vendor, 1_00)
    ids = text("SELECT id FROM ledger_entry ORDER BY id")
    async with superuser.session() as session, session.begin():
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        entries = (await session.execute(ids)).scalars().all()
        for id, (at, _) in zip(entries, at_day, strict=True):
            await session.execute(DATED, {"id": id, "at": at})
    client, days = api.signed_in(owner), sorted(expected(night))
    last = 0
    for day in days:
        period = {"fromDay": day, "untilDay": day}
        found = (await client.ask(EARNINGS, id=gid(vendor), period=period))["vendorStatement"]
        assert len(found["entries"]["nodes"]) == expected(night)[day]
        assert found["timeZone"] == night.zone
        assert found["opening"]["amountMinor"] == last
        last = found["closing"]["amountMinor"]
        assert last - found["opening"]["amountMinor"] == 1_00 * expected(night)[day]
    assert last == 1_00 * len(at_day)


async def test_utilisation_of_the_day(world: World, api: Client, night: Night) -> None:
    """A room that is open all day, and booked all day, is so for 23 or 25 hours."""
    vendor, owner = await berlin(world, night)
    room = await world.resource(vendor)
    await world.schedule(room, spans=EVERY_DAY, from_day=night.day - timedelta(days=9))
    service, user = await world.service(vendor, room, duration=60), await world.user()
    done: dict[str, Any] = {"state": BookingState.COMPLETED, "ended_at": night.until}
    for at in list(night.half_hours())[::2]:
        await world.booking(user, service, at, room, **done)
    day = f"{night.day}"
    given = {"vendor": gid(vendor), "from": day, "until": day}
    (found,) = (await api.signed_in(owner).ask(FIGURES, **given))["utilisation"]
    assert (found["openMinutes"], found["bookedMinutes"]) == (60 * night.hours, 60 * night.hours)
    assert (found["bookedBps"], found["visits"]) == (10_000, night.hours)
