"""Mails to guests about their bookings at the desk."""

from pathlib import Path
from typing import Any

from icalendar import Calendar

from models.bookings.bookings import Booking
from models.notifications.inbox import NotificationKind
from tests.client import Client
from tests.factories.world import World
from tests.jobs.bookings.test_reminders import read
from tests.jobs.conftest import Defer, Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input, move_input
from tests.resolvers.bookings.stored import row_of


async def book(api: Client, clinic: Clinic, **guest: Any) -> Booking:
    input = hold_input(clinic.visit, clinic.at(10), customer={"guest": {"name": "Mira"} | guest})
    staff = api.signed_in(clinic.owner)
    return await row_of(clinic.world, await staff.do("bookAtDesk", input, "booking { id }"))


def calendar_of(mail: Any) -> Any:
    (file,) = mail.iter_attachments()
    (event,) = Calendar.from_ical(file.get_content()).walk("VEVENT")
    return event


def text_of(mail: Any) -> str:
    text: str = mail.get_body().get_content()
    return text


def by_subject(outbox: Path) -> dict[str, Any]:
    return {mail["Subject"]: mail for mail in read(outbox)}


async def test_guests_get_their_booking_its_move_and_its_end(
    world: World, api: Client, outbox: Path, work: Work
) -> None:
    clinic = await Clinic.open(world, name={"en": "Visit"})
    staff = api.signed_in(clinic.owner)
    booking = await book(api, clinic, email="mira@example.com")
    await work()
    (made,) = read(outbox)
    assert (made["To"], made["Subject"]) == ("mira@example.com", "Your booking is confirmed")
    assert "/booking#" in text_of(made)
    event = calendar_of(made)
    assert (event["UID"], event["SEQUENCE"]) == (str(booking.id), 0)
    assert event["DTSTART"].dt == booking.starts_at
    await staff.do("rescheduleBooking", move_input(booking, clinic.at(12)))
    await work()
    moved = by_subject(outbox)["A booking has a new time"]
    assert calendar_of(moved)["SEQUENCE"] == 1
    await staff.do("cancelBooking", cancel_input(booking))
    await work()
    ended = by_subject(outbox)["A booking was cancelled"]
    assert calendar_of(ended)["STATUS"] == "CANCELLED"
    assert calendar_of(ended)["SEQUENCE"] == 2
    assert "/booking#" not in text_of(ended)


async def test_no_mail_is_sent_without_an_address_or_about_the_past(
    world: World, api: Client, outbox: Path, work: Work, defer: Defer
) -> None:
    clinic = await Clinic.open(world)
    booking = await book(api, clinic)
    await work()
    assert read(outbox) == []
    booking.guest_email = world.sealer.seal("booking.guest_email", booking.id, b"mira@example.com")
    await world.save(booking)
    confirmed, cancelled = NotificationKind.BOOKING_CONFIRMED, NotificationKind.BOOKING_CANCELLED
    for kind, revision in ((confirmed, 1), (cancelled, 0), (NotificationKind.BOOKING_NO_SHOW, 0)):
        given = {"booking_id": booking.id, "kind": kind, "revision": revision}
        await defer("mail_guest", **given)
    await work()
    assert read(outbox) == []
