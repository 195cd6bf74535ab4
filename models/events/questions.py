"""Questions that a vendor asks the buyers of tickets, and their answers."""

from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, text

from models.base import enum_column, foreign_key, optional_foreign_key
from models.errors import InvalidValue, Refusal
from models.events.ticket_types import TicketType, TicketTypeKind
from models.personal_data import delete_rows, of_others
from models.questions import (
    MAX_ANSWERS,
    GivenAnswer,
    QuestionDraft,
    SealedAnswer,
    VendorQuestion,
    question_constraints,
)

MAX_QUESTIONS = 30  # of an event that are asked
MAX_KEPT_QUESTIONS = 90  # with retired ones
MAX_PLACE = 9_999
Place = Annotated[int, Range(ge=0, le=MAX_PLACE)]


class QuestionScope(StrEnum):
    """Each attendee answers a question of a TICKET, the buyer that of an ORDER once."""

    TICKET = "TICKET"
    ORDER = "ORDER"


class EventQuestion(VendorQuestion, table=True):
    """A question to buyers, of one ticket type or of all whose kind is ADMISSION."""

    __tablename__ = "event_question"
    __table_args__ = (
        *question_constraints(),
        Index("event_question_event_id_idx", "event_id", "position", "id"),
    )
    __privacy__ = of_others(none="position locale prompt choices")

    event_id: UUID = foreign_key("event", index=False)
    ticket_type_id: UUID | None = optional_foreign_key("ticket_type")
    scope: QuestionScope = enum_column(QuestionScope, default=QuestionScope.TICKET)

    def asks(self, kind: TicketType) -> bool:
        """Return whether who has a ticket of a type is asked: a donor or parked car is not."""
        if self.ticket_type_id is not None:
            return self.ticket_type_id == kind.id
        return kind.kind is TicketTypeKind.ADMISSION


class AttendeeAnswer(SealedAnswer, table=True):
    """An answer for a hold, and for one of its tickets once they are issued.

    `place` is that of the ticket in the hold. An answer that was given for a ticket has no hold.
    `user_id` is whom it is about: who holds the ticket, or buys it.
    """

    __tablename__ = "attendee_answer"
    __table_args__ = (
        Index(
            "attendee_answer_ticket_key",
            "question_id",
            "ticket_id",
            unique=True,
            postgresql_where=text("ticket_id IS NOT NULL"),
        ),
        CheckConstraint(f"place BETWEEN 0 AND {MAX_PLACE}", name="place"),
        CheckConstraint("num_nonnulls(hold_id, ticket_id) > 0", name="of"),
        Index("attendee_answer_hold_key", "hold_id", "question_id", "place", unique=True),
    )
    __privacy__ = delete_rows(none="place")

    question_id: UUID = foreign_key("event_question")
    hold_id: UUID | None = optional_foreign_key("ticket_hold", index=False)
    user_id: UUID = foreign_key("user")
    place: int = 0
    ticket_id: UUID | None = optional_foreign_key("ticket")


class EventQuestionDraft(QuestionDraft, frozen=True):
    """Validated input of a question of an event as a whole."""

    scope: QuestionScope = QuestionScope.TICKET


class QuestionAnswerDraft(GivenAnswer, frozen=True):
    """Validated answer, for the ticket at a place of a hold."""

    place: Place = 0


class AnswersDraft(BaseModel, frozen=True):
    """Validated answers of one call."""

    answers: Annotated[list[QuestionAnswerDraft], Range(min_length=1, max_length=MAX_ANSWERS)]

    @model_validator(mode="after")
    def ensure_different(self) -> Self:
        if len({(one.question_id, one.place) for one in self.answers}) != len(self.answers):
            raise InvalidValue("Answer each question once for a ticket.")
        return self


class QuestionLimitReached(Refusal):
    message = "An event can have at most {most} questions. Change one that it has."
    meaning = (
        f"The event asks {MAX_QUESTIONS} questions, or has {MAX_KEPT_QUESTIONS} with retired ones."
    )
    remedy = "Let the user change a question, restore one, or retire one."


class AnswersMissing(Refusal):
    message = "Answer the questions about your tickets first."
    meaning = "A required question of the event has no answer for the hold, or for all its tickets."
    remedy = "Show the `questions` of the hold `holdId`, and call `answerHoldQuestions`."


class AnswersClosed(Refusal):
    message = "The time for answers is over, so these stay as they are."
    meaning = (
        "Holders change their answers until `answersUntil` of the date, members until its end."
    )
    remedy = "Show the answers, without a way to change them."
