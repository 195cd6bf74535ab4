"""One row in each table of bookings."""

from datetime import timedelta

from core.clock import now
from core.ids import FIRST_ID
from models.bookings.bookings import Booking
from models.bookings.claims import TimeBlock
from models.bookings.feeds import FeedScope
from models.bookings.intake import BookingAnswer, BookingFile, ServiceQuestion
from models.bookings.moves import BookingMove
from models.bookings.setting_up.reminders import ReminderRule
from models.bookings.setting_up.services import Service, ServiceState
from models.bookings.time_shifts import BookingShift, ShiftOutcome, ZoneRules
from models.questions import AnswerValue, QuestionKind
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
    meeting = await world.meeting(service, start, taken=1)
    series = await world.booking_series(user, service)
    booking = await world.booking(user, service, start, staff, series_id=series.id, number=0)
    booking.meeting_id, meeting.taken = meeting.id, 1
    move = BookingMove(booking_id=booking.id, revision=1, from_starts_at=start, starts_at=start)
    block = TimeBlock(
        resource_id=staff.id, starts_at=now(), ends_at=now() + timedelta(hours=1), reason="Away"
    )
    wait = await world.booking_wait(user, service)
    booking.wait_id = wait.id
    await world.save(meeting, booking, move, block)
    await world.calendar_feed(
        user, scope=FeedScope.RESOURCE, vendor_id=vendor.id, resource_id=staff.id
    )
    await world.busy_feed(staff, "https://example.com/busy.ics")
    await world.visit_payment(booking, user)
    await world.waiting_room_display(vendor, user)
    await world.save(
        ReminderRule(vendor_id=vendor.id, service_id=service.id, minutes=[60]),
        ZoneRules(version="2026c", after_id=FIRST_ID),
        BookingShift(
            booking_id=booking.id,
            vendor_id=vendor.id,
            version="2026c",
            from_starts_at=start,
            starts_at=start + timedelta(hours=1),
            outcome=ShiftOutcome.MOVED,
        ),
    )
    await _send_along(world, till, booking, service)


async def _send_along(world: World, till: Till, booking: Booking, service: Service) -> None:
    """Make an answer to a question, and a file of the booking."""
    question = ServiceQuestion(
        service_id=service.id, kind=QuestionKind.TEXT, locale="en", prompt={"en": "Fears?"}
    )
    answer = BookingAnswer(booking_id=booking.id, question_id=question.id, answer=b"")
    answer.seal_value(world.sealer, AnswerValue(text="Dogs"))
    upload = await world.upload(till.customer)
    file = BookingFile(booking_id=booking.id, upload_id=upload.id)
    await world.save(question, answer, file)
