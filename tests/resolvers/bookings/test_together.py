"""Bookings that are held together: ordered, cancelled and moved as one visit, all or none."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from core.ids import new_id
from models.bookings.bookings import Booking
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.bookings.payments.test_balances import LastOrder

BOOKINGS = """bookings {
  id bookingState revision startsAt visitBookings { id } cancelQuote { refund { amountMinor } }
} errors { field }"""

QUOTE = """query ($id: ID!) { booking(id: $id) {
  visitCancelQuote { refundBps refund { amountMinor } until }
} }"""


def visit(clinic: Clinic, *times: datetime, **values: Any) -> dict[str, Any]:
    what = {"serviceId": gid(clinic.visit), "staffId": gid(clinic.asha)}
    wanted = [what | {"startsAt": at.isoformat()} for at in times]
    return {"times": wanted, **keyed(), **values}


async def stored(world: World) -> list[Booking]:
    async with world.database.session() as session:
        return list((await session.exec(select(Booking).order_by(col(Booking.starts_at)))).all())


def moves(bookings: list[Booking], *times: datetime) -> dict[str, Any]:
    each = [
        {"bookingId": gid(one), "revision": one.revision, "startsAt": at.isoformat()}
        for one, at in zip(bookings, times, strict=True)
    ]
    return {"moves": each, **keyed()}


async def held_and_ordered(world: World, api: Client) -> tuple[Clinic, Client, LastOrder]:
    """Order a visit of two bookings with deposits of 200.00."""
    clinic = await Clinic.open(world, price=500_00, deposit=200_00, pay_at_desk=False)
    client = api.signed_in(clinic.customer)
    held = await client.do("holdVisit", visit(clinic, clinic.at(10), clinic.at(10, 30)), BOOKINGS)
    ids = [one["id"] for one in held["bookings"]]
    made = await client.do(
        "createCheckout",
        {"currency": "INR", "bookingIds": ids},
        "checkout { id problems { code } }",
    )
    assert made["checkout"]["problems"] == []
    place = {"checkoutId": made["checkout"]["id"], "expectedTotalMinor": 400_00, **keyed()}
    assert await client.refusal_codes("placeOrder", place) == []
    return clinic, client, LastOrder(world, clinic.customer)


async def quote(client: Client, world: World) -> dict[str, Any] | None:
    """Return the quote of the visit of the first booking."""
    first = (await stored(world))[0]
    found = await client.ask(QUOTE, id=gid(first))
    shown: dict[str, Any] | None = found["booking"]["visitCancelQuote"]
    return shown


async def test_hold_visit_holds_all_times_once(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    input = visit(clinic, clinic.at(10), clinic.at(10, 30))
    held = await client.do("holdVisit", input, BOOKINGS)
    assert held["errors"] == []
    ids = [one["id"] for one in held["bookings"]]
    assert len(ids) == 2
    for one in held["bookings"]:
        assert one["bookingState"] == "HELD"
        assert [other["id"] for other in one["visitBookings"]] == ids
    assert await client.do("holdVisit", input, BOOKINGS) == held
    assert len(await clinic.claims(clinic.room)) == 2


async def test_a_booking_that_was_held_alone_has_no_others(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    alone = await clinic.booking(clinic.customer, clinic.at(11))
    asked = "query ($id: ID!) { booking(id: $id) { visitBookings { id } } }"
    found = await api.signed_in(clinic.customer).ask(asked, id=gid(alone))
    assert found == {"booking": {"visitBookings": []}}


async def test_a_visit_with_a_time_that_is_taken_is_not_held_at_all(
    world: World, api: Client
) -> None:
    clinic = await Clinic.open(world)
    other = await world.user()
    await clinic.booking(other, clinic.at(11))
    client = api.signed_in(clinic.customer)
    refused = await client.do("holdVisit", visit(clinic, clinic.at(10), clinic.at(11)), BOOKINGS)
    assert [one["field"] for one in refused["errors"]] == [["times", "1"]]
    assert await client.refusal_codes("holdVisit", visit(clinic, clinic.at(10), clinic.at(11))) == [
        "SLOT_TAKEN"
    ]
    assert [one.user_id for one in await stored(world)] == [other.id]
    elsewhere = await Clinic.open(world)
    mixed = visit(clinic, clinic.at(10))
    mixed["times"] += visit(elsewhere, clinic.at(12))["times"]
    assert await client.refusal_codes("holdVisit", mixed) == ["INVALID_INPUT"]
    many = visit(clinic, *[clinic.at(hour) for hour in range(10, 15)])
    assert await client.refusal_codes("holdVisit", many) == ["INVALID_INPUT"]
    anonymous = visit(clinic, clinic.at(10))
    assert await api.mutation_failed("holdVisit", anonymous) == ["UNAUTHENTICATED"]


async def test_a_visit_is_ordered_at_once_and_cancelled_at_once(world: World, api: Client) -> None:
    clinic, client, order = await held_and_ordered(world, api)
    one = {"bookingId": gid((await stored(world))[0])}
    assert await client.refusal_codes("cancelVisit", one | keyed()) == ["BOOKING_STATE"]
    await order.pay()
    for wrong in (await world.user(), await clinic.member(MemberRole.SCANNER)):
        refused = await api.signed_in(wrong).refusal_codes("cancelVisit", one | keyed())
        assert refused == ["NOT_FOUND"]
    too_much = one | keyed() | {"refundMinor": 400_01}
    assert await client.refusal_codes("cancelVisit", too_much) == ["CANCEL_TOO_LATE"]
    input = one | keyed() | {"refundMinor": 400_00}
    cancelled = await client.do("cancelVisit", input, BOOKINGS)
    assert [one["bookingState"] for one in cancelled["bookings"]] == ["CANCELLED"] * 2
    assert await client.do("cancelVisit", input, BOOKINGS) == cancelled
    assert sum(amount for _, amount in await order.refunded()) == 400_00
    assert await clinic.claims(clinic.room) == []


async def test_a_visit_is_cancelled_for_what_was_shown(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One moment counts for all of it, also if a tier of its terms ends meanwhile."""
    clinic, client, order = await held_and_ordered(world, api)
    assert await quote(client, world) is None, "it is in an order"
    await order.pay()
    alone = await clinic.booking(starts_at=clinic.at(15))
    first, second = (one for one in await stored(world) if one.visit_id is not None)
    first.refund_tiers, second.refund_tiers = [[60, 3_333]], [[0, 10_000]]
    await world.save(first, second)
    shown = await quote(client, world)
    assert shown is not None
    assert shown["refund"]["amountMinor"] == 66_66 + 200_00
    assert shown["refundBps"] == 26_666 * 10_000 // 400_00
    assert datetime.fromisoformat(shown["until"]) == first.starts_at - timedelta(hours=1)
    asked = await client.ask(QUOTE, id=gid(alone))
    assert asked["booking"]["visitCancelQuote"] is None
    monkeypatch.setattr("services.bookings.cancelling.now", lambda: first.starts_at)
    cancel = {"bookingId": gid(second), "refundMinor": 266_66, **keyed()}
    assert await client.refusal_codes("cancelVisit", cancel) == []
    assert sum(amount for _, amount in await order.refunded()) == 266_66
    assert await quote(client, world) is None, "it was cancelled"


async def test_a_visit_moves_at_once_or_not_at_all(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    held = await client.do("holdVisit", visit(clinic, clinic.at(10), clinic.at(10, 30)), BOOKINGS)
    for one in held["bookings"]:
        assert await client.refusal_codes("confirmBooking", {"bookingId": one["id"]}) == []
    await clinic.booking(await world.user(), clinic.at(12, 30))
    own = [one for one in await stored(world) if one.user_id == clinic.customer.id]
    blocked = moves(own, clinic.at(12), clinic.at(12, 30))
    for one in blocked["moves"]:
        one["staffId"] = gid(clinic.asha)
    named = await client.do("rescheduleVisit", blocked, BOOKINGS)
    assert [one["field"] for one in named["errors"]] == [["moves", "1"]]
    assert await client.refusal_codes("rescheduleVisit", blocked | keyed()) == ["SLOT_TAKEN"]
    assert await client.refusal_codes("rescheduleVisit", moves(own[:1], clinic.at(15))) == [
        "INVALID_INPUT"
    ]
    kept = [one for one in await stored(world) if one.user_id == clinic.customer.id]
    assert [(one.starts_at, one.revision) for one in kept] == [
        (clinic.at(10), 0),
        (clinic.at(10, 30), 0),
    ]
    swapped = moves(own, clinic.at(10, 30), clinic.at(10))
    for wrong in (await world.user(), await clinic.member(MemberRole.SCANNER)):
        refused = await api.signed_in(wrong).refusal_codes("rescheduleVisit", swapped)
        assert refused == ["NOT_FOUND"]
    moved = await client.do("rescheduleVisit", swapped, BOOKINGS)
    assert moved["errors"] == []
    assert await client.do("rescheduleVisit", swapped, BOOKINGS) == moved
    fresh = [await world.fresh(one) for one in own]
    assert [one.starts_at for one in fresh] == [clinic.at(10, 30), clinic.at(10)]
    stale = moves(own, clinic.at(15), clinic.at(15, 30))
    assert await client.refusal_codes("rescheduleVisit", stale) == ["BOOKING_CHANGED"]


async def test_a_booking_of_a_visit_that_keeps_its_time_keeps_its_moves(
    world: World, api: Client
) -> None:
    clinic, visit_id = await Clinic.open(world), new_id()
    first = await clinic.booking(starts_at=clinic.at(10), visit_id=visit_id)
    second = await clinic.booking(starts_at=clinic.at(11), visit_id=visit_id)
    for user in (clinic.customer, clinic.owner):
        client = api.signed_in(user)
        first, second = await world.fresh(first), await world.fresh(second)
        later = second.starts_at + timedelta(hours=1)
        moved = await client.do(
            "rescheduleVisit", moves([first, second], clinic.at(10), later), BOOKINGS
        )
        assert moved["errors"] == []
        assert [one["revision"] for one in moved["bookings"]] == [0, second.revision + 1]
        fresh = await world.fresh(first)
        assert (fresh.starts_at, fresh.moves_left) == (first.starts_at, first.moves_left)
    assert len(await clinic.claims(clinic.asha)) == 2
    stale = moves([first, second], clinic.at(10), clinic.at(16))
    refused = await api.signed_in(clinic.customer).do("rescheduleVisit", stale, BOOKINGS)
    assert [one["field"] for one in refused["errors"]] == [["moves", "1"]]
