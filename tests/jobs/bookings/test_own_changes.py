"""Mails to customers about what they changed themselves, so that their calendars follow."""

from pathlib import Path
from typing import Any

from sqlmodel import select

from core.clock import now
from models.bookings.bookings import BookingState
from models.notifications.inbox import Notification, NotificationKind
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.jobs.bookings.test_guest_mail import calendar_of
from tests.jobs.bookings.test_reminders import read
from tests.jobs.conftest import Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, move_input


def mails(outbox: Path) -> dict[str, Any]:
    """Return the mails to the customer by their subjects."""
    return {one["Subject"]: one for one in read(outbox) if one["To"] == "mira@example.com"}


async def test_a_customers_move_and_cancel_follow_in_their_calendar(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    clinic = await Clinic.open(world)
    clinic.customer = await world.user(email="mira@example.com")
    client = api.signed_in(clinic.customer)
    booking = await clinic.booking(confirmed_at=now())
    input = move_input(booking, clinic.at(12))
    for _ in range(2):
        await client.do("rescheduleBooking", input)
    await work()
    event = calendar_of(mails(outbox)["A booking has a new time"])
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (str(booking.id), 1, "CONFIRMED")
    assert event["DTSTART"].dt == clinic.at(12)
    await client.do("cancelBooking", cancel_input(booking))
    await work()
    ended = calendar_of(mails(outbox)["A booking was cancelled"])
    assert (ended["UID"], ended["SEQUENCE"], ended["STATUS"]) == (str(booking.id), 2, "CANCELLED")


async def test_what_was_never_confirmed_is_in_no_calendar(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    clinic = await Clinic.open(world)
    clinic.customer = await world.user(email="mira@example.com")
    client = api.signed_in(clinic.customer)
    booking = await clinic.booking(state=BookingState.REQUESTED)
    await client.do("rescheduleBooking", move_input(booking, clinic.at(12)))
    await client.do("cancelBooking", cancel_input(booking))
    await work()
    assert mails(outbox) == {}


async def test_a_customer_who_is_a_member_gets_one_notification(world: World, api: Client) -> None:
    clinic = await Clinic.open(world)
    clinic.customer = await new_member(world, clinic.vendor, MemberRole.STAFF)
    booking = await clinic.booking(confirmed_at=now())
    moved = await api.signed_in(clinic.customer).do(
        "rescheduleBooking", move_input(booking, clinic.at(12)), "booking { revision }"
    )
    assert moved["errors"] == []
    rows = select(Notification.user_id).where(Notification.kind == NotificationKind.BOOKING_MOVED)
    async with world.database.session() as session:
        told = (await session.exec(rows)).all()
    assert sorted(told) == sorted([clinic.customer.id, clinic.owner.id])
