"""Dates of events with their quotas: added, moved, postponed and ended."""

from datetime import datetime, timedelta

import pytest

from core.clock import now
from core.wall import wall
from models.events.dates import EventDateState
from models.events.events import EventState
from models.events.ticket_types import MAX_QUOTAS_OF_TYPE, TicketQuota
from models.vendors import MemberRole
from services.events.dates import end_event_date
from tests.client import Client, gid
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.resolvers.events.inputs import dates_input, keyed

SHOWN = """eventDates {
  id state localStart startsAt endsAt doorsAt saleStartsAt saleEndsAt timeZone revision seated
  event { id nextDateAt } venue { id } quotas { name capacity taken ticketTypes { id } }
}"""
MOVED = "eventDate { id state localStart startsAt endsAt saleEndsAt revision }"


async def test_add_event_dates_of_a_series(world: World, api: Client) -> None:
    """A series keeps its wall time: clocks in Berlin change in between."""
    owner = await world.user()
    vendor = await world.vendor(owner)
    event, kind = await world.event(vendor), None
    kind = await world.ticket_type(event)
    venue = await world.venue(vendor, time_zone="Europe/Berlin")
    rule = {"first": "2030-03-29T19:30", "unit": "WEEKLY", "count": 4, "weekdays": [5, 7]}
    input = dates_input(
        event,
        starts=None,
        rule=rule,
        venueId=gid(venue),
        doorsMinutes=60,
        saleEndsMinutes=30,
        quotas=[{"name": "All", "capacity": 50, "ticketTypeIds": [gid(kind)]}],
    )
    client = api.signed_in(owner)
    payload = await client.do("addEventDates", input, SHOWN)
    assert payload["errors"] == []
    dates = payload["eventDates"]
    assert [one["localStart"] for one in dates] == [
        "2030-03-29T19:30",
        "2030-03-31T19:30",
        "2030-04-05T19:30",
        "2030-04-07T19:30",
    ]
    assert [one["startsAt"] for one in dates[:2]] == [
        "2030-03-29T18:30:00Z",
        "2030-03-31T17:30:00Z",
    ]
    assert dates[0]["endsAt"] == "2030-03-29T20:30:00Z"
    assert dates[0]["doorsAt"] == "2030-03-29T17:30:00Z"
    assert dates[0]["saleEndsAt"] == "2030-03-29T18:00:00Z"
    assert dates[0]["event"]["nextDateAt"] == dates[0]["startsAt"]
    quota = {"name": "All", "capacity": 50, "taken": 0, "ticketTypes": [{"id": gid(kind)}]}
    assert [one["quotas"] for one in dates] == [[quota]] * 4
    assert await client.do("addEventDates", input, SHOWN) == payload
    again = input | keyed()
    assert await client.refusal_codes("addEventDates", again) == ["EVENT_DATE_TAKEN"]
    listed = await api.ask(
        'query ($id: ID!) { event(id: $id) { dates(startsBefore: "2030-04-01T00:00:00Z") {'
        " nodes { id quotas { name } } } } }",
        id=gid(event),
    )
    assert listed["event"]["dates"]["nodes"] == [
        {"id": one["id"], "quotas": []} for one in dates[:2]
    ]


def rule(first: str, unit: str, count: int = 200, every: int = 1) -> dict[str, object]:
    return {"first": first, "unit": unit, "count": count, "every": every}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts": ["2030-03-31T02:30"], "timeZone": "Europe/Berlin"}, ["starts", "0"]),
        ({"starts": ["2020-01-01T10:00"]}, ["starts"]),
        ({"starts": None}, None),
        ({"minutes": 0}, ["minutes"]),
        ({"minutes": 44_641}, ["minutes"]),
        ({"starts": ["0001-01-01T00:00"]}, ["starts", "0"]),
        ({"starts": ["9999-12-31T23:59"]}, None),
        ({"starts": None, "rule": rule("9999-12-31T20:00", "DAILY", every=52)}, None),
        ({"starts": None, "rule": rule("9999-12-31T20:00", "WEEKLY", every=52)}, None),
        ({"starts": None, "rule": rule("2030-01-29T20:00", "MONTHLY", every=48)}, None),
    ],
)
async def test_add_event_dates_refuses(
    world: World, api: Client, changes: dict[str, object], field: list[str] | None
) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    payload = await api.signed_in(owner).do("addEventDates", dates_input(event, **changes))
    (error,) = payload["errors"]
    assert error["code"] == "INVALID_INPUT"
    assert field is None or error["field"] == field


async def test_add_event_dates_refuses_what_is_of_others(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    other = await world.vendor()
    foreign = await world.ticket_type(await world.event(other))
    quotas = [{"name": "All", "capacity": 5, "ticketTypeIds": [gid(foreign)]}]
    client = api.signed_in(owner)
    for changes in ({"venueId": gid(await world.venue(other))}, {"quotas": quotas}):
        codes = await client.refusal_codes("addEventDates", dates_input(event, **changes))
        assert codes == ["NOT_FOUND"]
    venue = await world.venue(await world.vendor(owner))
    chart = dates_input(event, chartId=gid(await world.chart(venue)))
    assert await client.refusal_codes("addEventDates", chart) == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"localStart": "0001-01-01T00:00"}, "localStart"),
        ({"localStart": "9999-12-31T23:59"}, "localStart"),
        ({"minutes": -1}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 2**31 - 1}, "minutes"),
    ],
)
async def test_move_event_date_refuses_absurd_times(
    world: World, api: Client, changes: dict[str, object], field: str
) -> None:
    owner = await world.user()
    date = await world.event_date(await world.event(await world.vendor(owner)))
    input = {"eventDateId": gid(date), "revision": 0, "localStart": "2030-05-31T20:00"} | changes
    payload = await api.signed_in(owner).do("moveEventDate", input, MOVED)
    assert [(one["code"], one["field"]) for one in payload["errors"]] == [
        ("INVALID_INPUT", [field])
    ]


async def test_a_sale_never_ends_before_it_starts(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    client, late = api.signed_in(owner), {"saleStartsAt": "2031-01-01T00:00:00Z"}
    added = dates_input(event, saleEndsMinutes=60, **late)
    assert await client.refusal_codes("addEventDates", added) == ["INVALID_INPUT"]
    starts, ends = now() + timedelta(days=5), now() + timedelta(days=6)
    date = await world.event_date(event, sale_starts_at=starts, sale_ends_at=ends)
    sooner = wall(now() + timedelta(days=1), date.time_zone).strftime("%Y-%m-%dT%H:%M")
    input = {"eventDateId": gid(date), "revision": 0, "localStart": sooner}
    payload = await client.do("moveEventDate", input, MOVED)
    assert [one["field"] for one in payload["errors"]] == [["localStart"]]


async def test_the_quotas_of_a_type_on_a_date_and_of_dates_at_once_are_limited(
    world: World, api: Client
) -> None:
    """Each ticket and hold of a type lists its quotas: with more, no user could hold any."""
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    date = await world.event_date(event)
    full = [await world.quota(date) for _ in range(MAX_QUOTAS_OF_TYPE)]
    kind = await world.ticket_type(event, *full)
    client = api.signed_in(owner)
    one_more = keyed(eventDateId=gid(date), name="All", capacity=1, ticketTypeIds=[gid(kind)])
    assert await client.refusal_codes("createQuota", one_more) == ["INVALID_INPUT"]
    again = {"quotaId": gid(full[0]), "ticketTypeIds": [gid(kind)]}
    assert await client.refusal_codes("updateQuota", again) == []
    quotas = [
        {"name": f"Quota {n}", "capacity": 5, "ticketTypeIds": [gid(kind)] * 6} for n in range(10)
    ]
    days = rule("2030-01-01T20:00", "DAILY", count=200)
    many = dates_input(event, starts=None, rule=days, quotas=quotas)
    payload = await client.do("addEventDates", many)
    assert [one["field"] for one in payload["errors"]] == [["quotas"]]


async def test_move_event_date_once(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    date = await world.event_date(event, sale_ends_at=now() + timedelta(days=6))
    client = api.signed_in(owner)
    input = {"eventDateId": gid(date), "revision": 0, "localStart": "2030-05-31T20:00"}
    moved = await client.do("moveEventDate", input, MOVED)
    shown = moved["eventDate"]
    assert (shown["startsAt"], shown["revision"]) == ("2030-05-31T14:30:00Z", 1)
    assert shown["endsAt"] == "2030-05-31T16:30:00Z"
    assert shown["saleEndsAt"] < shown["startsAt"]
    assert await client.do("moveEventDate", input, MOVED) == moved
    stale = input | {"localStart": "2030-06-01T20:00"}
    assert await client.refusal_codes("moveEventDate", stale) == ["EVENT_DATE_CHANGED"]
    assert (await world.fresh(event)).next_date_at == datetime.fromisoformat(shown["startsAt"])


async def test_a_postponed_date_is_not_next_until_it_is_moved(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    date = await world.event_date(event)
    client, input = api.signed_in(owner), {"eventDateId": gid(date)}
    postponed = await client.do("postponeEventDate", input, MOVED)
    assert postponed["eventDate"]["state"] == "POSTPONED"
    assert await client.do("postponeEventDate", input, MOVED) == postponed
    assert (await world.fresh(event)).next_date_at is None
    move = input | {"revision": 1, "localStart": "2030-05-31T20:00"}
    moved = await client.do("moveEventDate", move, MOVED)
    assert moved["eventDate"]["state"] == "SCHEDULED"


async def test_the_last_date_that_is_over_ends_the_event(world: World, api: Client) -> None:
    event = await world.event(await world.vendor())
    hours = timedelta(hours=1)
    date = await world.event_date(event, starts_at=now() - 3 * hours, ends_at=now() - hours)
    later = await world.event_date(event, starts_at=now() - hours, ends_at=now() + hours)
    for one, state in ((later, EventDateState.SCHEDULED), (date, EventDateState.ENDED)):
        async with world.database.session() as session, session.begin():
            await end_event_date(session, one.id)
        assert (await world.fresh(one)).state == state
    assert (await world.fresh(event)).state == EventState.PUBLISHED
    later = await world.fresh(later)
    later.ends_at = now()
    await world.save(later)
    async with world.database.session() as session, session.begin():
        await end_event_date(session, later.id)
    assert (await world.fresh(event)).state == EventState.ENDED


async def test_quotas_are_created_and_changed(world: World, api: Client) -> None:
    owner = await world.user()
    event = await world.event(await world.vendor(owner))
    date = await world.event_date(event)
    kind, other = await world.ticket_type(event), await world.ticket_type(event)
    client = api.signed_in(owner)
    input = keyed(
        eventDateId=gid(date), name="Hall", capacity=100, ticketTypeIds=[gid(kind), gid(other)]
    )
    shown = "quota { id name capacity taken waitlistFirst ticketTypes { id } }"
    created = await client.do("createQuota", input, shown)
    assert created["quota"]["ticketTypes"] == [{"id": gid(kind)}, {"id": gid(other)}]
    assert await client.do("createQuota", input, shown) == created
    taken = input | keyed()
    assert await client.refusal_codes("createQuota", taken) == ["QUOTA_NAME_TAKEN"]
    quota = await world.first(TicketQuota)
    quota.taken = 60
    await world.save(quota)
    id = {"quotaId": created["quota"]["id"]}
    change = id | {"capacity": 60, "ticketTypeIds": [gid(kind)]}
    changed = await client.do("updateQuota", change, shown)
    assert changed["quota"]["capacity"] == 60
    assert changed["quota"]["ticketTypes"] == [{"id": gid(kind)}]
    fewer = id | {"capacity": 59}
    assert await client.refusal_codes("updateQuota", fewer) == ["QUOTA_BELOW_TAKEN"]
    assert await client.refusal_codes("updateQuota", id | {"name": None}) == ["INVALID_INPUT"]


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_dates_are_changed_by_managers_alone(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    event = await world.event(vendor)
    date = await world.event_date(event)
    quota = await world.quota(date)
    client, id = api.signed_in(await outsider(world, vendor, who)), {"eventDateId": gid(date)}
    inputs = {
        "addEventDates": dates_input(event),
        "moveEventDate": id | {"revision": 0, "localStart": "2030-05-31T20:00"},
        "postponeEventDate": id,
        "createQuota": keyed(name="All", capacity=1, ticketTypeIds=[]) | id,
        "updateQuota": {"quotaId": gid(quota), "capacity": 1},
    }
    for name, input in inputs.items():
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
    manager = await new_member(world, vendor, MemberRole.MANAGER)
    assert await api.signed_in(manager).refusal_codes("addEventDates", dates_input(event)) == []
