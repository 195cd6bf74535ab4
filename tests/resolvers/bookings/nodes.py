"""Rows of a clinic that the public does not see, and a customer's booking there."""

from datetime import timedelta

from sqlmodel import SQLModel

from models.bookings.time_shifts import BookingShift, ShiftOutcome
from tests.factories.bookings import at, workday
from tests.resolvers.scene import ADMIN, CUSTOMER, OWNER, Scene

MEMBERS = {OWNER, ADMIN}
SEEN_BY = {
    "Booking": MEMBERS | {CUSTOMER},
    "BookingSeries": MEMBERS | {CUSTOMER},
    "BookingShift": MEMBERS,
    "BookingWait": MEMBERS | {CUSTOMER},
    "BusyFeed": MEMBERS,
    "CalendarFeed": {ADMIN, CUSTOMER},
    "CancellationPolicy": MEMBERS,
    "ClassMeeting": MEMBERS | {CUSTOMER},
    "Closure": MEMBERS,
    "DayOverride": MEMBERS,
    "Resource": MEMBERS,
    "Schedule": MEMBERS,
    "Service": MEMBERS,
    "TimeBlock": MEMBERS,
    "VisitPayment": MEMBERS | {CUSTOMER},
    "WaitingRoomDisplay": MEMBERS,
}


async def make(scene: Scene) -> dict[str, SQLModel]:
    world, vendor, day = scene.world, scene.vendor, workday(2)
    staff = await world.resource(vendor)
    service = await world.service(vendor, staff, seats=5)
    meeting = await world.meeting(service, at(day, 10))
    booking = await world.booking(scene.customer, service, meeting=meeting)
    shift = BookingShift(
        booking_id=booking.id,
        vendor_id=vendor.id,
        version="2026c",
        from_starts_at=booking.starts_at - timedelta(hours=1),
        starts_at=booking.starts_at,
        outcome=ShiftOutcome.COLLIDED,
    )
    await world.save(shift)
    return {
        "Booking": booking,
        "BookingSeries": await world.booking_series(scene.customer, service),
        "BookingShift": shift,
        "BookingWait": await world.booking_wait(scene.customer, service),
        "BusyFeed": await world.busy_feed(staff, "https://example.com/busy.ics"),
        "CalendarFeed": await world.calendar_feed(scene.customer),
        "CancellationPolicy": await world.cancellation_policy(vendor),
        "ClassMeeting": meeting,
        "Closure": await world.closure(vendor, day),
        "DayOverride": await world.day_override(staff, day),
        "Resource": staff,
        "Schedule": await world.schedule(staff),
        "Service": service,
        "TimeBlock": await world.time_block(staff, at(day, 12), at(day, 13)),
        "VisitPayment": await world.visit_payment(booking, scene.owner),
        "WaitingRoomDisplay": await world.waiting_room_display(vendor, scene.owner),
    }
