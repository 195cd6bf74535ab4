"""Answers to the questions of a service, for a booking, and those that are missing."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in
from core.security.sealed import Sealer
from models.bookings.bookings import Booking
from models.bookings.intake import BookingAnswer, BookingAnswersMissing, ServiceQuestion
from models.questions import GivenAnswer
from services.bookings.announcing import announce
from services.bookings.intake.access import lock_intake
from services.questions import ensure_answer, find_asked, put_answer
from services.viewer import Viewer


async def answer_booking(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    answers: Sequence[GivenAnswer],
    *,
    booking_id: UUID,
) -> Booking:
    """Set answers for a booking: by its customer, or by members, until its end.

    Raises `NotFound`, also for a question that is not asked, `BookingIntakeClosed` and
    `InvalidInput`.
    """
    booking = await lock_intake(session, viewer, booking_id)
    asked = await _find_asked(session, booking.service_id)
    for at, one in enumerate(answers):
        field = ["answers", str(at)]
        ensure_answer(find_asked(asked, one, field), one, field)
    rows = select(BookingAnswer).where(BookingAnswer.booking_id == booking.id)
    known = {one.question_id: one for one in await session.exec(rows)}
    for one in answers:
        new = BookingAnswer(booking_id=booking.id, question_id=one.question_id)
        await put_answer(session, sealer, known.get(one.question_id), new, one)
    announce(session, booking)
    return booking


async def ensure_answered(session: AsyncSession, booking: Booking) -> None:
    """Raise `BookingAnswersMissing` unless each required question has an answer."""
    rows = select(Booking.id).where(Booking.id == booking.id, lacks_answers())
    if (await session.exec(rows)).first() is not None:
        raise BookingAnswersMissing


def lacks_answers() -> ColumnElement[bool]:
    """Match bookings that lack an answer to a required question of their service."""
    answered = exists_in(
        BookingAnswer,
        col(BookingAnswer.booking_id) == col(Booking.id),
        col(BookingAnswer.question_id) == col(ServiceQuestion.id),
    )
    return exists_in(
        ServiceQuestion,
        col(ServiceQuestion.service_id) == col(Booking.service_id),
        col(ServiceQuestion.active).is_(True),
        col(ServiceQuestion.required).is_(True),
        ~answered,
    )


async def _find_asked(session: AsyncSession, service_id: UUID) -> Mapping[UUID, ServiceQuestion]:
    rows = select(ServiceQuestion).where(
        ServiceQuestion.service_id == service_id, col(ServiceQuestion.active)
    )
    return {one.id: one for one in await session.exec(rows)}
