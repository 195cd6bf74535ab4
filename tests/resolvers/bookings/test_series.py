"""Series of bookings: all or some of their times, completed later, and cancelled from one on."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from models.bookings.bookings import Booking, BookingState
from models.bookings.series import BookingSeries
from models.orders.orders import Order
from models.vendors import MemberRole
from services.bookings.holding import opening
from services.bookings.series import cancelling
from tests.client import Client, gid
from tests.factories.order_of_user import OrderOfUser
from tests.factories.world import World
from tests.resolvers.bookings.calendars.test_calendar_feeds import read, subscribe
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.bookings.stored import kinds

WEEKS, LONG, NINTH, FIFTH = 4, 24, 8, 4  # times, of which the first is number 0
SERIES = (
    "series { id count occurrences { number startsAt localStart problem nearest }"
    " bookings { id bookingState seriesNumber startsAt } }"
)
CONFLICTS = (
    "mutation ($input: BookSeriesInput!) { bookSeries(input: $input)"
    " { errors { code ... on SeriesConflicts { starts } } } }"
)


class Weekly:
    """A clinic with a customer who comes each week at ten to Asha."""

    def __init__(self, clinic: Clinic, api: Client) -> None:
        self.clinic, self.api = clinic, api
        self.customer = api.signed_in(clinic.customer)

    @classmethod
    async def open(cls, world: World, api: Client, **values: Any) -> "Weekly":
        return cls(await Clinic.open(world, horizon=200, **values), api)

    def input(self, on_conflict: str = "REFUSE", **values: Any) -> dict[str, Any]:
        local = datetime.combine(self.clinic.day(), datetime.min.time()).replace(hour=10)
        rule = {"first": local.isoformat(), "unit": "WEEKLY", "count": WEEKS}
        given = {"staffId": gid(self.clinic.asha), "onConflict": on_conflict}
        return {"serviceId": gid(self.clinic.visit), "rule": rule, **given, **keyed(), **values}

    async def book(self, on_conflict: str = "REFUSE", **values: Any) -> dict[str, Any]:
        payload = await self.customer.do("bookSeries", self.input(on_conflict, **values), SERIES)
        assert payload["errors"] == []
        series: dict[str, Any] = payload["series"]
        return series

    def at(self, hour: int) -> dict[str, Any]:
        """Return a rule for another hour."""
        rule: dict[str, Any] = self.input()["rule"]
        first = datetime.fromisoformat(rule["first"]).replace(hour=hour)
        return {"rule": rule | {"first": first.isoformat()}}

    def long(self, on_conflict: str = "REFUSE") -> dict[str, Any]:
        """Return the input of half a year."""
        input = self.input(on_conflict)
        return input | {"rule": input["rule"] | {"count": LONG}}

    async def take_third(self) -> Booking:
        """Let another customer have the third time."""
        return await self.take(2)

    async def take(self, number: int) -> Booking:
        taken = self.clinic.at(10) + timedelta(weeks=number)
        return await self.clinic.booking(await self.clinic.world.user(), taken)

    async def bookings(self) -> list[Booking]:
        rows = select(Booking).where(Booking.user_id == self.clinic.customer.id)
        async with self.clinic.world.database.session() as session:
            return list((await session.exec(rows.order_by(col(Booking.starts_at)))).all())


async def test_a_series_is_booked_at_once_and_once(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api, per_user_open=1)
    input = weekly.input()
    first = await weekly.customer.do("bookSeries", input, SERIES)
    assert first["errors"] == []
    assert await weekly.customer.do("bookSeries", input, SERIES) == first
    series = first["series"]
    assert [one["seriesNumber"] for one in series["bookings"]] == [*range(WEEKS)]
    assert {one["bookingState"] for one in series["bookings"]} == {"CONFIRMED"}
    assert [one["startsAt"] for one in series["occurrences"]] == [
        one["startsAt"] for one in series["bookings"]
    ]
    assert len(await weekly.clinic.claims(weekly.clinic.asha)) == WEEKS
    assert await kinds(world) == ["BOOKING_CONFIRMED", "BOOKING_MADE"]
    # It counts as one booking of the limit, so one more is too many.
    other = weekly.input(rule=input["rule"] | {"first": input["rule"]["first"].replace("10", "12")})
    assert await weekly.customer.refusal_codes("bookSeries", other) == ["BOOKING_LIMIT"]


async def test_refuse_books_none_and_names_the_times(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api)
    third = await weekly.take_third()
    (error,) = (await weekly.customer.ask(CONFLICTS, input=weekly.input()))["bookSeries"]["errors"]
    local = third.local_start.isoformat(timespec="minutes")
    assert error == {"code": "SERIES_CONFLICTS", "starts": [local]}
    assert await weekly.bookings() == []
    async with world.database.session() as session:
        assert (await session.exec(select(BookingSeries))).all() == []


async def test_skip_leaves_the_taken_time_out_and_it_is_added_later(
    world: World, api: Client
) -> None:
    weekly = await Weekly.open(world, api)
    third = await weekly.take_third()
    series = await weekly.book("SKIP")
    assert [one["problem"] for one in series["occurrences"]] == [None, None, "SLOT_TAKEN", None]
    assert [one["seriesNumber"] for one in series["bookings"]] == [0, 1, 3]
    later = third.starts_at + timedelta(hours=1)
    input = {"seriesId": series["id"], "number": 2, "startsAt": later.isoformat(), **keyed()}
    added = (await weekly.customer.do("bookOccurrence", input, SERIES))["series"]
    assert [one["seriesNumber"] for one in added["bookings"]] == [0, 1, 2, 3]
    again = input | keyed()
    assert await weekly.customer.refusal_codes("bookOccurrence", again) == ["OCCURRENCE_BOOKED"]
    beyond = input | keyed() | {"number": WEEKS}
    assert await weekly.customer.refusal_codes("bookOccurrence", beyond) == ["INVALID_INPUT"]


async def test_nearest_proposes_a_time_of_the_same_day(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api)
    third = await weekly.take_third()
    series = await weekly.book("NEAREST")
    proposed = datetime.fromisoformat(series["occurrences"][2]["nearest"])
    assert proposed == third.starts_at - timedelta(minutes=30)
    assert len(series["bookings"]) == WEEKS - 1


async def test_half_a_year_whose_ninth_time_is_taken(world: World, api: Client) -> None:
    """All times are looked at, and the one that is left out can be had at another time later."""
    weekly = await Weekly.open(world, api)
    ninth = await weekly.take(NINTH)
    (error,) = (await weekly.customer.ask(CONFLICTS, input=weekly.long()))["bookSeries"]["errors"]
    starts = [ninth.local_start.isoformat(timespec="minutes")]
    assert error == {"code": "SERIES_CONFLICTS", "starts": starts}
    assert await weekly.bookings() == []

    proposed = await weekly.customer.do("bookSeries", weekly.long("NEAREST"), SERIES)
    nearest = datetime.fromisoformat(proposed["series"]["occurrences"][NINTH]["nearest"])
    assert abs(nearest - ninth.starts_at) == timedelta(minutes=30)
    cancel = {"seriesId": proposed["series"]["id"], **keyed()}
    assert await weekly.customer.refusal_codes("cancelSeries", cancel) == []

    skipped = (await weekly.customer.do("bookSeries", weekly.long("SKIP"), SERIES))["series"]
    problems = {one["number"]: one["problem"] for one in skipped["occurrences"]}
    assert problems == dict.fromkeys(range(LONG)) | {NINTH: "SLOT_TAKEN"}
    assert len(skipped["bookings"]) == LONG - 1
    later = ninth.starts_at + timedelta(hours=1)
    input = {"seriesId": skipped["id"], "number": NINTH, "startsAt": later.isoformat(), **keyed()}
    added = (await weekly.customer.do("bookOccurrence", input, SERIES))["series"]
    assert [one["seriesNumber"] for one in added["bookings"]] == [*range(LONG)]


async def test_the_rest_of_half_a_year_is_cancelled_from_the_fifth_on(
    world: World, api: Client
) -> None:
    weekly = await Weekly.open(world, api)
    booked = (await weekly.customer.do("bookSeries", weekly.long(), SERIES))["series"]
    input = {"seriesId": booked["id"], "fromNumber": FIFTH, **keyed()}
    cancelled = (await weekly.customer.do("cancelSeries", input, SERIES))["series"]
    states = [one["bookingState"] for one in cancelled["bookings"]]
    assert states == ["CONFIRMED"] * FIFTH + ["CANCELLED"] * (LONG - FIFTH)
    found = await read(api, await subscribe(weekly.customer))
    by_status = Counter(str(one["STATUS"]) for one in found.values())
    assert by_status == {"CONFIRMED": FIFTH, "CANCELLED": LONG - FIFTH}
    bookings = await weekly.bookings()
    assert found.keys() == {str(one.id) for one in bookings}
    assert len(await weekly.clinic.claims(weekly.clinic.asha)) == FIFTH


async def test_a_series_without_any_free_time_is_refused(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api)
    local = weekly.input()["rule"]["first"].replace("T10", "T03")
    input = weekly.input("SKIP")
    input["rule"]["first"] = local
    assert await weekly.customer.refusal_codes("bookSeries", input) == ["SERIES_CONFLICTS"]


@pytest.mark.parametrize("count", [1, 53])
async def test_the_number_of_times_is_limited(world: World, api: Client, count: int) -> None:
    weekly = await Weekly.open(world, api)
    input = weekly.input()
    input["rule"]["count"] = count
    assert await weekly.customer.refusal_codes("bookSeries", input) == ["INVALID_INPUT"]


async def _no_orders(*_: object) -> dict[UUID, Order]:
    """Find no orders, as a moment before they are made."""
    return {}


async def test_a_series_that_is_paid_online_is_ordered_together(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly = await Weekly.open(world, api, pay_at_desk=False)
    series = await weekly.book()
    assert {one["bookingState"] for one in series["bookings"]} == {"HELD"}
    ids = [one["id"] for one in series["bookings"]]
    shown = "checkout { id totals { total { amountMinor } } problems { code } }"
    made = await weekly.customer.do("createCheckout", {"currency": "INR", "bookingIds": ids}, shown)
    assert made["checkout"]["problems"] == []
    total = made["checkout"]["totals"]["total"]["amountMinor"]
    placed = {"checkoutId": made["checkout"]["id"], "expectedTotalMinor": total, **keyed()}
    assert await weekly.customer.refusal_codes("placeOrder", placed) == []
    order = OrderOfUser(world, weekly.clinic.customer)
    await order.pay()
    assert {one.state for one in await weekly.bookings()} == {BookingState.CONFIRMED}
    rest = {"seriesId": series["id"], "fromNumber": 1, **keyed()}
    with monkeypatch.context() as patched:  # as if they were ordered and paid in between
        patched.setattr(cancelling, "lock_orders_of", _no_orders)
        assert await weekly.customer.refusal_codes("cancelSeries", rest) == ["BOOKING_STATE"]
    assert {one.state for one in await weekly.bookings()} == {BookingState.CONFIRMED}
    assert await weekly.customer.refusal_codes("cancelSeries", rest) == []
    refunded = await order.refunded()
    assert sum(amount for _, amount in refunded) == total // WEEKS * (WEEKS - 1)


async def test_cancel_series_ends_all_from_a_number_on(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api)
    series = await weekly.book()
    input = {"seriesId": series["id"], "fromNumber": 2, "reason": "We move.", **keyed()}
    cancelled = (await weekly.customer.do("cancelSeries", input, SERIES))["series"]
    states = [one["bookingState"] for one in cancelled["bookings"]]
    assert states == ["CONFIRMED", "CONFIRMED", "CANCELLED", "CANCELLED"]
    assert (await weekly.customer.do("cancelSeries", input, SERIES))["series"] == cancelled
    assert len(await weekly.clinic.claims(weekly.clinic.asha)) == 2


async def test_others_neither_see_nor_change_a_series(world: World, api: Client) -> None:
    weekly = await Weekly.open(world, api)
    series = await weekly.book()
    cancel = {"seriesId": series["id"], **keyed()}
    add = cancel | {"number": 1, "startsAt": weekly.clinic.at(12).isoformat()}
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for wrong in (await world.user(), await weekly.clinic.member(MemberRole.SCANNER)):
        client = api.signed_in(wrong)
        assert await client.refusal_codes("cancelSeries", cancel) == ["NOT_FOUND"]
        assert await client.refusal_codes("bookOccurrence", add) == ["NOT_FOUND"]
        assert (await client.ask(query, id=series["id"]))["node"] is None
    for operation, input in (
        ("bookSeries", weekly.input()),
        ("cancelSeries", cancel),
        ("bookOccurrence", add),
    ):
        assert await api.mutation_failed(operation, input) == ["UNAUTHENTICATED"]
    staff = api.signed_in(await weekly.clinic.member(MemberRole.STAFF))
    assert (await staff.ask(query, id=series["id"]))["node"] is not None
    assert await staff.refusal_codes("bookOccurrence", add) == ["NOT_FOUND"]
    assert await staff.refusal_codes("cancelSeries", cancel) == []


async def test_the_times_of_series_that_are_not_confirmed_are_bounded(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each series is one booking of the other limits, and has up to 52 times."""
    monkeypatch.setattr(opening, "MAX_HELD_TIMES", 2 * WEEKS)
    weekly = await Weekly.open(world, api, needs_approval=True)
    for hour in (10, 11):
        await weekly.book(**weekly.at(hour))
    third = weekly.input(**weekly.at(12))
    assert await weekly.customer.refusal_codes("bookSeries", third) == ["HELD_BOOKING_LIMIT"]
    one = await weekly.bookings()
    cancel = {"bookingId": gid(one[0]), **keyed()}
    assert await weekly.customer.refusal_codes("cancelBooking", cancel) == []
    assert await weekly.customer.refusal_codes("bookSeries", third) == []
