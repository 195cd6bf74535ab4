"""Changes of an account's email address, and their undoing."""

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import CheckConstraint, ColumnElement, Index, text
from sqlmodel import Field, col, or_

from core.clock import now
from core.security.sealed import Lookup
from models.base import Row, foreign_key, timestamp
from models.identity.addresses import EMAIL_KIND
from models.identity.registrations import EmailAddress
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, sealed

CHANGE_HOURS = 24
UNDO_HOURS = 72
OLD_EMAIL_COLUMN = "email_change.old_email"
NEW_EMAIL_COLUMN = "email_change.new_email"


def _end() -> datetime:
    return now() + timedelta(hours=CHANGE_HOURS)


class EmailChange(Row, table=True):
    """A new address of an account, which is its own once a link sent there was used.

    It applies only while the account has this epoch. For 72 hours after that, a link sent to the
    old address undoes it, whatever was changed since, and no other account gets the old address. An
    account that a code by phone created has no old one. An account has at most one change that
    waits. Tokens are stored as SHA-256.
    """

    __tablename__ = "email_change"
    __table_args__ = (
        CheckConstraint("(old_email IS NULL) = (old_lookup IS NULL)", name="old_email"),
        *check_lookup("old_lookup"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
        CheckConstraint("(used_at IS NULL) = (undo_until IS NULL)", name="undo_until"),
        CheckConstraint("undone_at <= undo_until", name="undone_at"),
        Index(
            "email_change_waiting_key",
            "user_id",
            unique=True,
            postgresql_where=text("used_at IS NULL"),
        ),
    )
    __privacy__ = delete_rows(
        secrets="old_lookup next_old_lookup token_hash undo_hash",
        none="epoch",
    )

    user_id: UUID = foreign_key("user")
    old_email: bytes | None = sealed(lookup="old_lookup", kind=EMAIL_KIND, optional=True)
    old_lookup: bytes | None = Field(default=None, index=True)
    next_old_lookup: bytes | None = Field(default=None, index=True)
    new_email: bytes = sealed()
    epoch: int
    token_hash: bytes | None = Field(default=None, unique=True)
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)
    undo_hash: bytes | None = Field(default=None, unique=True)
    undo_until: datetime | None = timestamp(default=None)
    undone_at: datetime | None = timestamp(default=None)

    @classmethod
    def had_email(cls, email: Lookup) -> ColumnElement[bool]:
        """Return the condition that an account gave an address up."""
        return or_(col(cls.old_lookup) == email.oldest, col(cls.next_old_lookup) == email.newest)


class EmailChangeDraft(BaseModel, frozen=True):
    """Validated input of a new address."""

    email: EmailAddress
