"""Impersonations: admins who use the account of a user to help them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from models.base import Row, foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import blank_values
from models.text import Paragraphs

MAX_IMPERSONATION_MINUTES = 30
MAX_IMPERSONATION_REASON = 1_000
ImpersonationReason = Annotated[str, Paragraphs(MAX_IMPERSONATION_REASON)]


class Impersonation(Row, table=True):
    """A session in which an admin uses a user's account, until `until` or until it is ended.

    It ends with `admin_session_id`, the session in which the admin began it. Neither session is a
    foreign key: this row outlives them. An admin has at most one that is open.
    """

    __table_args__ = (
        CheckConstraint("admin_id <> user_id", name="admin_id"),
        CheckConstraint(
            f"until > created_at AND until <= created_at + '{MAX_IMPERSONATION_MINUTES} min'",
            name="until",
        ),
        CheckConstraint("ended_at BETWEEN created_at AND until", name="ended_at"),
        CheckConstraint(
            f"char_length(reason) BETWEEN 1 AND {MAX_IMPERSONATION_REASON}", name="reason"
        ),
        Index(
            "impersonation_open_key",
            "admin_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("impersonation_created_at_idx", "created_at", "id"),
    )

    __privacy__ = blank_values(
        id="session_id admin_session_id",
        personal="reason",
        blank={"reason": "'The account was erased.'"},
    )

    user_id: UUID = foreign_key("user")
    admin_id: UUID = foreign_key("user")
    session_id: UUID = Field(unique=True)
    admin_session_id: UUID = Field(index=True)
    reason: ImpersonationReason = Field(max_length=MAX_IMPERSONATION_REASON)
    until: datetime = timestamp()
    ended_at: datetime | None = timestamp(default=None)


class Impersonating(BaseModel, frozen=True):
    """Validated reason of an impersonation, which the user reads, and its length."""

    reason: ImpersonationReason
    minutes: Annotated[int, Range(ge=1, le=MAX_IMPERSONATION_MINUTES)]


class UserIsAdmin(Refusal):
    message = "The account of an admin cannot be used by another admin."
    meaning = "The user is an admin. The accounts of admins cannot be impersonated."
    remedy = "Do not offer this for admins."
