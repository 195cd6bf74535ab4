"""Questions that a vendor asks the buyers of tickets, and their answers."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import LONG, Row, enum_column, foreign_key, json, optional_foreign_key
from models.personal_data import delete_rows, of_others
from models.sealed_columns import sealed
from models.text import OneLine

MAX_QUESTIONS = 30  # of an event
MAX_CHOICES = 30
MAX_ANSWER_LENGTH = 500
QuestionText = Annotated[str, OneLine(200)]
ANSWER_COLUMN = "attendee_answer.answer"


class QuestionScope(StrEnum):
    """Each attendee answers a question of a TICKET, the buyer that of an ORDER once."""

    TICKET = "TICKET"
    ORDER = "ORDER"


class QuestionKind(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    DATE = "DATE"
    YES_NO = "YES_NO"
    CHOICE = "CHOICE"
    CHOICES = "CHOICES"


class EventQuestion(Row, table=True):
    """A question to buyers, of one ticket type or of all. `choices` are texts by language."""

    __tablename__ = "event_question"
    __table_args__ = (
        CheckConstraint("position BETWEEN 0 AND 99", name="position"),
        CheckConstraint(
            f"jsonb_array_length(choices) <= {MAX_CHOICES}"
            " AND (kind IN ('CHOICE', 'CHOICES')) = (jsonb_array_length(choices) > 0)",
            name="choices",
        ),
        Index("event_question_event_id_idx", "event_id", "position", "id"),
    )
    __privacy__ = of_others(none="position locale label choices")

    event_id: UUID = foreign_key("event", index=False)
    ticket_type_id: UUID | None = optional_foreign_key("ticket_type")
    scope: QuestionScope = enum_column(QuestionScope, default=QuestionScope.TICKET)
    kind: QuestionKind = enum_column(QuestionKind)
    position: int = 0
    locale: str = Field(max_length=16)
    label: dict[str, QuestionText] = json()
    choices: list[dict[str, Any]] = json(default_factory=list, sa_column_kwargs={"info": LONG})
    required: bool = False
    active: bool = True


class AttendeeAnswer(Row, table=True):
    """An answer for a hold, and for one of its tickets once they are issued. It is sealed."""

    __tablename__ = "attendee_answer"
    __table_args__ = (
        Index(
            "attendee_answer_ticket_key",
            "question_id",
            "ticket_id",
            unique=True,
            postgresql_where=text("ticket_id IS NOT NULL"),
        ),
        CheckConstraint("place BETWEEN 0 AND 99", name="place"),
        Index("attendee_answer_hold_key", "hold_id", "question_id", "place", unique=True),
    )
    __privacy__ = delete_rows(none="place")

    question_id: UUID = foreign_key("event_question")
    hold_id: UUID = foreign_key("ticket_hold", index=False)
    user_id: UUID = foreign_key("user")
    place: int = 0  # of the ticket in the hold
    ticket_id: UUID | None = optional_foreign_key("ticket")
    answer: bytes = sealed()
