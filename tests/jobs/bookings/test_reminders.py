"""Reminders: one for the time that a booking has, on the user's channels and in their zone."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.wall import wall
from models.bookings.bookings import Booking, BookingSource, BookingState
from models.bookings.setting_up.reminders import ReminderRule, reminder_number
from models.bookings.setting_up.resources import ResourceKind
from models.bookings.setting_up.services import Service, SlotAnchor
from models.identity.accounts import User
from models.notifications.deliveries import Delivery, SkipReason
from models.notifications.inbox import Channel, Notification, NotificationKind
from models.notifications.preferences import NotificationPreference
from services.bookings.notices import notify_customer
from services.bookings.reminding import planning, sending
from services.notifications.kinds import declared_kinds
from services.transaction import Transactions
from tests.client import Client
from tests.factories.paying import ALL_DUE
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, hold_input, move_input

KIND = NotificationKind.BOOKING_REMINDER
PLANNED = text(
    "SELECT args, scheduled_at FROM procrastinate_jobs"
    " WHERE task_name = 'haat:remind_of_booking' AND status = 'todo' ORDER BY id"
)
DAY, TWO_HOURS, QUARTER = 24 * 60, 2 * 60, timedelta(minutes=15)


def soon(minutes: int = 100) -> datetime:
    """Return a whole minute before which the reminder of two hours is due."""
    return (now() + timedelta(minutes=minutes)).replace(second=0, microsecond=0)


async def booked(
    world: World, starts_at: datetime | None = None, **values: Any
) -> tuple[Booking, User]:
    """Return a confirmed booking that begins soon, and its user, who has an address."""
    user = await world.user(email="asha@example.com", time_zone=values.pop("zone", None))
    vendor = await world.vendor(name="Paws")
    room = await world.resource(vendor)
    service = await world.service(vendor, room, name={"en": "Visit"})
    return await world.booking(user, service, starts_at or soon(), room, **values), user


async def remind(defer: Defer, booking: Booking, *, revision: int = 0, minutes: int = 120) -> None:
    given = {"booking_id": booking.id, "revision": revision, "minutes": minutes}
    await defer("remind_of_booking", **given)


async def reminders(world: World) -> list[int]:
    rows = select(Notification.up_to_sequence).where(Notification.kind == KIND)
    async with world.database.session() as session:
        return list((await session.exec(rows)).all())


async def planned(world: World) -> list[tuple[int, int, datetime]]:
    """Return the revisions, the minutes and the times of the reminders that are planned."""
    async with world.database.session() as session:
        rows = (await session.execute(PLANNED)).all()
    return [(args["revision"], args["minutes"], at) for args, at in rows]


def read(outbox: Path) -> list[EmailMessage]:
    found = sorted(outbox.glob("*.eml"))
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in found]


async def test_a_reminder_is_sent_once_with_its_link(
    world: World, outbox: Path, work: Work, defer: Defer
) -> None:
    booking, _ = await booked(world, zone="Europe/Berlin")
    for _ in range(2):
        await remind(defer, booking)
        await work()
    assert await reminders(world) == [reminder_number(0, TWO_HOURS)]
    (mail,) = read(outbox)
    body = mail.get_content()
    assert mail["Subject"] == "A reminder of your booking"
    there, own = booking.local_start, wall(booking.starts_at, "Europe/Berlin")
    shown = f"{there:%Y-%m-%d %H:%M} there ({own:%Y-%m-%d %H:%M} for you)."
    assert f"“Visit” at “Paws” begins on {shown}" in " ".join(body.split())
    assert "/booking#" in body.rstrip().splitlines()[-1]
    await check_invariants(world.database)


async def test_the_time_is_said_once_in_the_zone_of_the_place(
    world: World, outbox: Path, work: Work, defer: Defer
) -> None:
    booking, _ = await booked(world, zone="Asia/Colombo")  # as far from UTC as Kolkata
    await remind(defer, booking)
    await work()
    (mail,) = read(outbox)
    assert "there" not in mail.get_content()


CHANGED: dict[str, dict[str, Any]] = {
    "moved": {"revision": 1},
    "cancelled": {"state": BookingState.CANCELLED},
    "completed": {"state": BookingState.COMPLETED},
    "arrived": {"arrived_at": datetime(2026, 1, 1, tzinfo=UTC)},
    "begun": {"starts_at": datetime(2026, 1, 1, tzinfo=UTC)},
}


@pytest.mark.parametrize("change", CHANGED)
async def test_a_booking_that_changed_is_not_reminded_of(
    world: World, outbox: Path, work: Work, defer: Defer, change: str
) -> None:
    booking, _ = await booked(world, **{"starts_at": soon()} | CHANGED[change])
    await remind(defer, booking)
    await work()
    assert await reminders(world) == []
    assert read(outbox) == []


async def test_a_move_leaves_one_reminder_for_the_new_time(
    world: World, outbox: Path, work: Work, defer: Defer
) -> None:
    booking, _ = await booked(world, revision=1)
    for revision in (0, 1, 0, 1):
        await remind(defer, booking, revision=revision)
    await work()
    assert await reminders(world) == [reminder_number(1, TWO_HOURS)]
    assert len(read(outbox)) == 1


async def test_a_booking_that_is_cancelled_while_a_reminder_waits_is_not_mailed(
    world: World, outbox: Path, defer: Defer, work: Work, transactions: Transactions
) -> None:
    """As in quiet hours: the delivery asks again before it is sent."""
    booking, user = await booked(world)
    await world.save(
        Notification(
            user_id=user.id,
            kind=KIND,
            subject_id=booking.id,
            up_to_sequence=reminder_number(0, TWO_HOURS),
        )
    )
    notification = await world.first(Notification)
    await world.save(Delivery(notification_id=notification.id, channel=Channel.MAIL))
    row = await world.fresh(booking)
    row.revision = 1
    await world.save(row)
    await defer("deliver", delivery_id=(await world.first(Delivery)).id)
    await work()
    assert (await world.first(Delivery)).skip_reason is SkipReason.NO_PART
    assert read(outbox) == []


async def test_channels_are_the_users_choice(
    world: World, outbox: Path, work: Work, defer: Defer
) -> None:
    booking, user = await booked(world)
    await world.save(
        NotificationPreference(user_id=user.id, kind=KIND, channel=Channel.MAIL, allowed=False)
    )
    await remind(defer, booking)
    await work()
    assert len(await reminders(world)) == 1
    assert read(outbox) == []


async def test_guests_are_reminded_by_mail(
    world: World, outbox: Path, work: Work, defer: Defer
) -> None:
    known, _ = await booked(world, state=BookingState.CANCELLED)
    service = await world.first(Service)
    guest = await world.booking(None, service, soon(), source=BookingSource.DESK)
    guest.guest_email = world.sealer.seal("booking.guest_email", guest.id, b"mira@example.com")
    await world.save(guest)
    for _ in range(2):
        await remind(defer, guest)
        await work()
    (mail,) = read(outbox)  # a repetition has the same Message-ID, and so the same name
    assert mail["To"] == "mira@example.com"
    assert "/booking#" in mail.get_content()
    assert known.user_id is not None


async def test_a_reminder_that_is_early_is_planned_again(
    world: World, work: Work, defer: Defer
) -> None:
    booking, _ = await booked(world, soon(300))
    await remind(defer, booking)
    await work()
    assert await reminders(world) == []
    at = booking.starts_at - timedelta(minutes=TWO_HOURS)
    assert await planned(world) == [(0, TWO_HOURS, at)]


async def test_confirmed_and_moved_bookings_have_their_reminders_planned(
    world: World, api: Client, work: Work
) -> None:
    clinic = await Clinic.open(world)
    client = api.signed_in(clinic.customer)
    start, later = clinic.at(10, ahead=4), clinic.at(11, ahead=4)
    held = await client.do("holdBooking", hold_input(clinic.visit, start), "booking { id }")
    assert await planned(world) == []
    assert await client.refusal_codes("confirmBooking", {"bookingId": held["booking"]["id"]}) == []
    await work()
    of_start = [(0, one, start - timedelta(minutes=one)) for one in (DAY, TWO_HOURS)]
    assert await planned(world) == of_start
    booking = await world.first(Booking)
    assert await client.refusal_codes("rescheduleBooking", move_input(booking, later)) == []
    of_later = [(1, one, later - timedelta(minutes=one)) for one in (DAY, TWO_HOURS)]
    assert await planned(world) == [*of_start, *of_later]


@pytest.fixture
async def always_open(world: World, api: Client) -> tuple[Client, Booking]:
    """Return a client with a booking that begins in three hours, made through the API."""
    user, vendor = await world.user(email="asha@example.com"), await world.vendor()
    room = await world.resource(vendor, ResourceKind.ROOM)  # without a schedule it is open
    service = await world.service(vendor, room, step=15, anchor=SlotAnchor.CLOCK)
    client = api.signed_in(user)
    held = await client.do("holdBooking", hold_input(service, quarter()), "booking { id }")
    assert await client.refusal_codes("confirmBooking", {"bookingId": held["booking"]["id"]}) == []
    return client, await world.first(Booking)


def quarter() -> datetime:
    """Return a quarter of an hour in three hours, before which one reminder is planned."""
    soon = now() + timedelta(hours=3, minutes=15)
    return soon.replace(minute=soon.minute // 15 * 15, second=0, microsecond=0)


async def run_all(
    world: World, work: Work, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    """Run all jobs as they are run at a moment, also those that they defer."""
    monkeypatch.setattr(sending, "now", lambda: moment)
    for _ in range(3):
        async with world.database.session() as session, session.begin():
            await session.execute(ALL_DUE)
        await work()


async def test_after_moves_all_jobs_remind_once_of_the_time_that_stays(
    world: World,
    work: Work,
    outbox: Path,
    always_open: tuple[Client, Booking],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, booking = always_open
    await work()  # plans the reminders of the first time
    for later in (1, 2):
        moved = move_input(await world.fresh(booking), booking.starts_at + later * QUARTER)
        assert await client.refusal_codes("rescheduleBooking", moved) == []
    await run_all(world, work, monkeypatch, booking.starts_at - timedelta(minutes=80))
    assert await reminders(world) == [reminder_number(2, TWO_HOURS)]
    mails = [mail for mail in read(outbox) if mail["Subject"] == "A reminder of your booking"]
    (body,) = [mail.get_content() for mail in mails]
    there = (await world.fresh(booking)).local_start
    assert f"begins on {there:%Y-%m-%d %H:%M}" in body


async def test_after_a_cancellation_no_job_reminds(
    world: World,
    work: Work,
    outbox: Path,
    always_open: tuple[Client, Booking],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, booking = always_open
    await work()
    assert await client.refusal_codes("cancelBooking", cancel_input(booking)) == []
    await run_all(world, work, monkeypatch, booking.starts_at - timedelta(minutes=80))
    assert await reminders(world) == []
    assert "A reminder of your booking" not in {mail["Subject"] for mail in read(outbox)}


async def test_the_vendors_choice_is_planned_for_bookings_that_are_made_already(
    world: World, work: Work, defer: Defer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "BATCH_SIZE", 1)
    clinic = await Clinic.open(world)
    bookings = [await clinic.booking(starts_at=clinic.at(hour, ahead=4)) for hour in (10, 12)]
    await clinic.booking(starts_at=clinic.at(14), state=BookingState.REQUESTED)
    await world.save(
        ReminderRule(vendor_id=clinic.vendor.id, minutes=[30]),
        ReminderRule(vendor_id=clinic.vendor.id, service_id=clinic.visit.id, minutes=[60]),
    )
    await defer("plan_reminders_again", vendor_id=clinic.vendor.id)
    await work()
    expected = [(0, 60, one.starts_at - timedelta(minutes=60)) for one in bookings]
    assert await planned(world) == expected
    await remind(defer, bookings[0], minutes=TWO_HOURS)
    await work()
    assert await reminders(world) == [], "the vendor does not want it any more"


METHODS = {
    NotificationKind.BOOKING_CONFIRMED: ("REQUEST", "CONFIRMED"),
    NotificationKind.BOOKING_MOVED: ("REQUEST", "CONFIRMED"),
    NotificationKind.BOOKING_CANCELLED: ("CANCEL", "CANCELLED"),
}


@pytest.mark.parametrize("kind", METHODS)
async def test_mails_about_bookings_bring_them_to_the_calendar(
    world: World, outbox: Path, work: Work, transactions: Transactions, kind: NotificationKind
) -> None:
    method, status = METHODS[kind]
    state = BookingState(status)
    booking, _ = await booked(world, revision=2, state=state, confirmed_at=now())
    async with transactions.begin() as session:
        await notify_customer(session, await session.get_one(Booking, booking.id), kind)
    await work()
    (mail,) = read(outbox)
    (part,) = mail.iter_attachments()
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", method)
    assert part.get_filename() == "invite.ics"
    calendar = Calendar.from_ical(part.get_content())
    (event,) = calendar.events
    assert (calendar["METHOD"], event["STATUS"]) == (method, status)
    raised = 3 if method == "CANCEL" else 2
    assert (event["UID"], event["SEQUENCE"]) == (str(booking.id), raised)
    assert event["ATTENDEE"] == "mailto:asha@example.com"
    assert booking.starts_at == event.DTSTART


async def test_members_get_no_file_for_their_calendars(world: World) -> None:
    booking, user = await booked(world, state=BookingState.CANCELLED)
    kind, member = NotificationKind.BOOKING_CANCELLED, await world.user()
    notification = Notification(user_id=member.id, kind=kind, subject_id=booking.id)
    async with world.database.session() as session:
        texts = [
            await declared_kinds()[kind].compose(session, notification, one)
            for one in (user, member)
        ]
    assert [text.invitation is None for text in texts] == [False, True]


async def test_customers_read_the_vendor_and_their_own_time_and_members_neither(
    world: World,
) -> None:
    starts_at = datetime(2026, 1, 14, 16, tzinfo=UTC)
    booking, user = await booked(world, starts_at, zone="America/New_York")
    kind, member = NotificationKind.BOOKING_CONFIRMED, await world.user()
    notification = Notification(user_id=user.id, kind=kind, subject_id=booking.id)
    async with world.database.session() as session:
        bodies = [
            (await declared_kinds()[kind].compose(session, notification, one)).mail_body
            for one in (user, member)
        ]
    there = wall(starts_at, booking.time_zone).isoformat(" ", "minutes")
    assert bodies == [
        f"“Visit” at “Paws” on {there} there (2026-01-14 11:00 for you) is confirmed.\n",
        f"“Visit” on {there} is confirmed.\n",
    ]
