"""Intake: the questions of services, their answers, and the files that customers attach."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from models.base import Row, foreign_key
from models.bookings.bookings import Booking, BookingNote, BookingState
from models.errors import InvalidValue, Refusal
from models.personal_data import delete_rows, of_others
from models.questions import GivenAnswer, SealedAnswer, VendorQuestion, question_constraints

MAX_SERVICE_QUESTIONS = 20  # of a service that are asked
MAX_KEPT_SERVICE_QUESTIONS = 60  # with retired ones
MAX_BOOKING_FILES = 10


class ServiceQuestion(VendorQuestion, table=True):
    """A question to those who book a service."""

    __tablename__ = "service_question"
    __table_args__ = (
        *question_constraints(),
        Index("service_question_service_id_idx", "service_id", "position", "id"),
    )
    __privacy__ = of_others(none="position locale prompt choices")

    service_id: UUID = foreign_key("service", index=False)


class BookingAnswer(SealedAnswer, table=True):
    """An answer for a booking."""

    __tablename__ = "booking_answer"
    __table_args__ = (UniqueConstraint("booking_id", "question_id"),)
    __privacy__ = delete_rows(of="booking_id")

    booking_id: UUID = foreign_key("booking", index=False)
    question_id: UUID = foreign_key("service_question")


class BookingFile(Row, table=True):
    """A file that the customer attached to a booking, for the vendor's members."""

    __tablename__ = "booking_file"
    __table_args__ = (
        UniqueConstraint("booking_id", "position", name="booking_file_position_key"),
        UniqueConstraint("upload_id"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_BOOKING_FILES - 1}", name="position"),
    )
    __privacy__ = delete_rows(of="booking_id", none="position")

    booking_id: UUID = foreign_key("booking", index=False)
    upload_id: UUID = foreign_key("upload", index=False)
    position: int = Field(default=0)


class BookingAnswersDraft(BaseModel, frozen=True):
    """Validated answers of one call."""

    answers: Annotated[
        list[GivenAnswer], Range(min_length=1, max_length=MAX_KEPT_SERVICE_QUESTIONS)
    ]

    @model_validator(mode="after")
    def ensure_different(self) -> Self:
        if len({one.question_id for one in self.answers}) != len(self.answers):
            raise InvalidValue("Answer each question once.")
        return self


class BookingNoteDraft(BaseModel, frozen=True):
    """Validated note of a customer. None removes it."""

    note: BookingNote | None = None


def ensure_open(booking: Booking, moment: datetime) -> None:
    """Raise `BookingIntakeClosed` unless a booking still takes answers, files and a note."""
    expired = booking.state is BookingState.HELD and not booking.is_held(moment)
    if not booking.occupies or expired or booking.is_over(moment):
        raise BookingIntakeClosed


class ServiceQuestionLimitReached(Refusal):
    message = "A service can have at most {most} questions. Change one that it has."
    meaning = (
        f"The service asks {MAX_SERVICE_QUESTIONS} questions, or has {MAX_KEPT_SERVICE_QUESTIONS}"
        " with retired ones."
    )
    remedy = "Let the user change a question, restore one, or retire one."


class BookingAnswersMissing(Refusal):
    message = "Answer the questions about your booking first."
    meaning = "A required question of the service has no answer for the booking."
    remedy = "Show the `intakeQuestions` of the booking, and call `answerBookingQuestions`."


class BookingIntakeClosed(Refusal):
    message = "This booking is over, so this stays as it is."
    meaning = (
        "Answers, files and the note change until the end of a booking, and not of one that was"
        " cancelled or declined, or has expired."
    )
    remedy = "Refetch the booking, and show them without a way to change them."


class BookingFileLimitReached(Refusal):
    message = "A booking can have at most {most} files. Remove one first."
    meaning = "The booking has the maximum number of files."
    remedy = "List the files of the booking, so that the user can remove one."
