"""Visits that are cancelled: by the terms that were shown, and in the order of all locks."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.clock import now
from core.ids import new_id
from models.bookings.bookings import Booking
from services.bookings import cancelling
from services.bookings.holding import meetings
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.bookings.paying import DEPOSIT, PayingCustomer

LEAVE = meetings.LEAVE


async def seats(clinic: Clinic, *hours: int) -> list[Booking]:
    """Return the customer's seats in classes, which are a visit. The last class comes first."""
    visit_id = new_id()
    classes = [await clinic.meeting(clinic.at(hour)) for hour in hours]
    return [
        await clinic.world.booking(
            clinic.customer,
            clinic.yoga,
            None,
            clinic.asha,
            clinic.hall,
            meeting=meeting,
            visit_id=visit_id,
        )
        for meeting in reversed(classes)
    ]


async def test_the_terms_are_those_of_the_moment_that_was_shown(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tier that ends while the bookings of a visit are cancelled lowers no refund."""
    paying = await PayingCustomer.begin(world, api, visit_id=new_id())
    await paying.buy()
    booking = await paying.now()
    minutes = (booking.starts_at - now()) // timedelta(minutes=1)
    booking.refund_tiers = [[minutes, 10_000]]
    await world.save(booking)
    monkeypatch.setattr(cancelling, "now", lambda: booking.starts_at - timedelta(seconds=1))
    cancel = {"bookingId": gid(booking), "refundMinor": DEPOSIT, **keyed()}
    assert await paying.customer.refusal_codes("cancelVisit", cancel) == []
    assert await paying.order.refunded() == [("CANCELLED", DEPOSIT)]


async def test_seats_are_given_back_in_the_order_of_their_meetings(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise two visits to the same classes would wait for each other."""
    clinic = await Clinic.open(world)
    bookings = await seats(clinic, 10, 12, 14)
    left: list[UUID] = []

    class Noted:
        @staticmethod
        async def fetch(connection: Any, **values: Any) -> list[Any]:
            left.append(values["meeting_id"])
            return await LEAVE.fetch(connection, **values)

    monkeypatch.setattr(meetings, "LEAVE", Noted)
    client = api.signed_in(clinic.customer)
    cancel = {"bookingId": gid(bookings[0]), **keyed()}
    assert await client.refusal_codes("cancelVisit", cancel) == []
    assert len(left) == 3
    assert left == sorted(left)
