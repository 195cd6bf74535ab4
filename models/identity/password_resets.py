"""Requests for a new password, and what they and changes of passwords are given."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from core.clock import now
from core.security.passwords import MAX_PASSWORD_LENGTH
from models.base import Row, optional_foreign_key, timestamp
from models.errors import Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.passwords import NewPassword
from models.identity.registrations import EmailAddress, Secret
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, hashed, sealed

RESET_MINUTES = 30


def _end() -> datetime:
    return now() + timedelta(minutes=RESET_MINUTES)


class PasswordReset(Row, table=True):
    """A request for a new password of the account with an address. It is used once, by its link.

    A row is stored for every address. The job that sends the mail looks for the account: until
    then, and without one, there is no link. The link sets a password only while the account has
    this address and this epoch. The token is stored as SHA-256.
    """

    __tablename__ = "password_reset"
    __table_args__ = (
        *check_lookup("email_lookup"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
        CheckConstraint(
            "(token_hash IS NULL) = (user_id IS NULL) AND (user_id IS NULL) = (epoch IS NULL)",
            name="link",
        ),
    )
    __privacy__ = delete_rows(
        address="email_lookup",
        secrets="email_lookup next_email_lookup token_hash",
        none="epoch",
    )

    email: bytes = sealed(lookup="email_lookup", kind=EMAIL_KIND)
    email_lookup: bytes = hashed()
    next_email_lookup: bytes | None = None
    user_id: UUID | None = optional_foreign_key("user")
    epoch: int | None = None
    token_hash: bytes | None = Field(default=None, unique=True)
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)


class PasswordResetDraft(BaseModel, frozen=True):
    """Validated input of a request for a new password."""

    email: EmailAddress


class NewPasswordByLink(BaseModel, frozen=True):
    """Validated input of a reset: the token of the link, and the new password."""

    token: Secret
    password: NewPassword


class PasswordChange(BaseModel, frozen=True):
    """Validated input of a change of the password."""

    current: Annotated[str, StringConstraints(max_length=4 * MAX_PASSWORD_LENGTH)]
    password: NewPassword


class LinkEnded(Refusal):
    message = "This link is no longer valid. Ask for a new one."
    meaning = (
        "The link does not exist, has expired, was used, or was replaced by a newer one, or the"
        " account's password or address was changed after it."
    )
    remedy = "Offer to ask for a new link."
