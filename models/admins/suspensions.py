"""Suspensions of users."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, field_validator
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from core.clock import now
from models.base import Row, foreign_key, optional_foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.personal_data import blank_values
from models.text import Paragraphs

MAX_SUSPENSION_REASON = 1_000
MAX_SUSPENSION_DAYS = 3_650
SuspensionReason = Annotated[str, Paragraphs(MAX_SUSPENSION_REASON)]


class UserSuspension(Row, table=True):
    """A time during which a user cannot sign in. `number` counts those of the user.

    It ends by itself at `until`, without a `restorer_id`. Those that have ended are kept, because
    mails and disputes are about their reasons.
    """

    __tablename__ = "user_suspension"
    __table_args__ = (
        UniqueConstraint("user_id", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            f"char_length(reason) BETWEEN 1 AND {MAX_SUSPENSION_REASON}", name="reason"
        ),
        CheckConstraint("until > created_at", name="until"),
        CheckConstraint("admin_id <> user_id AND restorer_id <> user_id", name="self"),
        CheckConstraint("restorer_id IS NULL OR ended_at IS NOT NULL", name="restorer"),
        CheckConstraint(
            "ended_at IS NULL OR restorer_id IS NOT NULL OR until IS NOT NULL", name="ended"
        ),
        Index(
            "user_suspension_open_key",
            "user_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    __privacy__ = blank_values(
        personal="reason", none="number", blank={"reason": "'The account was erased.'"}
    )

    user_id: UUID = foreign_key("user", index=False)
    number: int
    reason: SuspensionReason = Field(max_length=MAX_SUSPENSION_REASON)
    admin_id: UUID = foreign_key("user")
    until: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)
    restorer_id: UUID | None = optional_foreign_key("user")


class UserSuspensionDraft(BaseModel, frozen=True):
    """Validated reason of a suspension, which the user reads, and its end if there is one."""

    reason: SuspensionReason
    until: AwareDatetime | None = None

    @field_validator("until")
    @classmethod
    def ensure_in_future(cls, until: datetime | None) -> datetime | None:
        if until is not None and until <= now():
            raise InvalidValue("This time is in the past. Choose a later one.")
        if until is not None and until > now() + timedelta(days=MAX_SUSPENSION_DAYS):
            raise InvalidValue(
                "A suspension with an end lasts at most {most} days. Choose an earlier time, or"
                " none.",
                most=MAX_SUSPENSION_DAYS,
            )
        return until


class InvalidUserState(Refusal):
    message = "The account is {state}, so this is not possible."
    meaning = (
        "Only an account that is ACTIVE can be suspended or become an admin's, and only one that is"
        " SUSPENDED can be restored."
    )
    remedy = "Refetch the user's `state`."


class OwnAccount(Refusal):
    message = "You cannot do this to your own account. Ask another admin."
    meaning = "Admins decide on the accounts of others, never on their own."
    remedy = "Do not offer this for the viewer's own account."
