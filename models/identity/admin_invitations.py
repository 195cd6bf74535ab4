"""Invitations of admins: made by a command, accepted on a page."""

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, StringConstraints
from sqlalchemy import CheckConstraint
from sqlmodel import Field

from core.clock import now
from core.security.passwords import MAX_PASSWORD_LENGTH
from models.base import Row, timestamp
from models.errors import Refusal
from models.identity.addresses import EMAIL_KIND
from models.identity.factors import FactorCode
from models.identity.passwords import NewPassword
from models.identity.registrations import Secret
from models.personal_data import delete_rows
from models.sealed_columns import check_lookup, hashed, sealed
from models.text import Name

INVITATION_HOURS = 1


def _end() -> datetime:
    return now() + timedelta(hours=INVITATION_HOURS)


class AdminInvitation(Row, table=True):
    """The right to become an admin with the account of an address, once, within an hour.

    An address has at most one, the newest. The token is stored as SHA-256. The operator of the
    server vouches for the address: no mail proves it.
    """

    __tablename__ = "admin_invitation"
    __table_args__ = (
        *check_lookup("email_lookup"),
        CheckConstraint("used_at <= expires_at", name="used_at"),
    )
    __privacy__ = delete_rows(
        of="",
        address="email_lookup",
        secrets="email_lookup next_email_lookup token_hash",
    )

    email: bytes = sealed(lookup="email_lookup", kind=EMAIL_KIND)
    email_lookup: bytes = hashed(unique=True)
    next_email_lookup: bytes | None = Field(default=None, unique=True)
    token_hash: bytes = Field(unique=True)
    expires_at: datetime = timestamp(default_factory=_end, index=True)
    used_at: datetime | None = timestamp(default=None)


class AdminAcceptance(BaseModel, frozen=True):
    """Validated input of an acceptance. The password is an account's, or that of a new one."""

    token: Secret
    password: Annotated[str, StringConstraints(max_length=4 * MAX_PASSWORD_LENGTH)]
    name: str | None = None
    factor_code: FactorCode | None = None


class NewAdmin(BaseModel, frozen=True):
    """Validated input of an admin's new account."""

    name: Name
    password: NewPassword


class InvitationEnded(Refusal):
    message = "This link is no longer valid. Ask for a new one."
    meaning = "The link does not exist, has expired, was used, or was replaced by a newer one."
    remedy = (
        "Members of a vendor ask a manager for another invitation, and admins the operator of the"
        " server, who runs `haat admin create`."
    )


class LastAdmin(Refusal):
    message = "You are the only admin. Make another user an admin first."
    meaning = "The viewer is the only admin who is not suspended and whose account stays."
    remedy = "Show `message`. Another admin is made by `grantAdmin`, or by the operator."
