"""Dates of two events of one vendor at once: their seats together stay within the limit."""

import pytest
from sqlmodel import func, select
from strawberry.relay import to_base64

from models.events.seats.seat_maps import SeatPlace
from models.vendors import MemberRole
from services.events import dates
from services.events.seats import opening
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import dates_input

SEATS, LIMIT = 10, 30


async def add_at_once(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> tuple[dict[str, int], int]:
    """Add two dates to each of two events: there is room for one. Returns the codes and seats."""
    hall = await Hall.open(world, rows=1, seats=SEATS)
    monkeypatch.setattr(opening, "MAX_VENDOR_SEATS", LIMIT)
    client = api.signed_in(await new_member(world, hall.vendor, MemberRole.MANAGER))
    place = {"venueId": gid(hall.venue), "chartId": to_base64("Chart", str(hall.date.chart_id))}
    starts = ["2030-01-01T20:00", "2030-01-02T20:00"]
    events = hall.event, await world.event(hall.vendor)
    payloads = await at_once(
        client.do("addEventDates", dates_input(event, starts=starts, **place)) for event in events
    )
    async with world.database.session() as session:
        seats = (await session.exec(select(func.count()).select_from(SeatPlace))).one()
    return tally(payloads), seats


async def test_two_events_share_the_seats_of_their_vendor(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes, seats = await add_at_once(world, api, monkeypatch)
    assert codes == {"OK": 1, "SEAT_LIMIT_REACHED": 1}
    assert seats == LIMIT


async def test_without_the_lock_of_the_venues_both_find_room(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A control: both have counted the seats before one adds some."""
    meeting = Meeting()
    monkeypatch.setattr(opening, "for_change", lambda rows: rows)
    counted = meeting.after(opening.ensure_room_for_seats)
    monkeypatch.setattr(dates, "ensure_room_for_seats", counted)
    codes, seats = await add_at_once(world, api, monkeypatch)
    assert codes == {"OK": 2}
    assert seats == LIMIT + 2 * SEATS
