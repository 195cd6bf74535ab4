"""One row in each table of bookings."""

from datetime import timedelta

from core.clock import now
from models.bookings.bookings import BookingMove
from models.bookings.claims import TimeBlock
from models.bookings.feeds import FeedScope
from models.bookings.services import ServiceState
from tests.factories.bookings import at, workday
from tests.factories.redemptions import Till
from tests.factories.world import World


async def make(world: World, till: Till) -> None:
    """Make a place in a class, of a series. The only claim is the booking's own."""
    vendor, user, day = till.vendor, till.customer, workday(2)
    start = at(day, 10)
    await world.cancellation_policy(vendor)
    staff = await world.working(vendor, member_id=user.id)
    service = await world.service(vendor, staff, seats=5)
    await world.service(vendor, state=ServiceState.DRAFT)  # that nothing refers to
    await world.closure(vendor, day)
    await world.day_override(staff, day, (540, 600))
    meeting = await world.meeting(service, start)
    series = await world.booking_series(user, service)
    booking = await world.booking(user, service, start, staff, series_id=series.id, number=0)
    booking.meeting_id = meeting.id
    move = BookingMove(booking_id=booking.id, revision=1, from_starts_at=start, starts_at=start)
    block = TimeBlock(
        resource_id=staff.id, starts_at=now(), ends_at=now() + timedelta(hours=1), reason="Away"
    )
    await world.save(booking, move, block)
    await world.booking_wait(user, service)
    await world.calendar_feed(
        user, scope=FeedScope.RESOURCE, vendor_id=vendor.id, resource_id=staff.id
    )
    await world.busy_feed(staff, "https://example.com/busy.ics")
    await world.visit_payment(booking, user)
    await world.waiting_room_display(vendor, user)
