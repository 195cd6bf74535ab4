"""Users, sessions and refresh tokens."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, EmailStr, StringConstraints
from sqlalchemy.dialects.postgresql import CITEXT
from sqlmodel import Field

from models.base import Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
from models.text import Name, one_line_constraint


class Role(StrEnum):
    """The role on the platform. Members of a vendor also have a `MemberRole`."""

    USER = "USER"
    ADMIN = "ADMIN"


class User(Row, table=True):
    __table_args__ = (one_line_constraint("name"),)

    email: str = Field(sa_type=CITEXT, unique=True)
    name: Name
    password_hash: str
    role: Role = enum_column(Role, default=Role.USER)


class UserSession(Row, table=True):
    """A signed-in device: a family of refresh tokens, revoked as a whole."""

    __tablename__ = "user_session"

    user_id: UUID = foreign_key("user")
    ended_at: datetime | None = timestamp(default=None)

    def ensure_open(self) -> None:
        if self.ended_at is not None:
            raise SessionEnded


class RefreshToken(Row, table=True):
    """A session's single-use refresh token. Only its SHA-256 is stored."""

    __tablename__ = "refresh_token"

    session_id: UUID = foreign_key("user_session")
    token_hash: bytes = Field(unique=True)
    expires_at: datetime = timestamp()
    used_at: datetime | None = timestamp(default=None)


class Registration(BaseModel):
    """Validated input for an account. Password lengths follow NIST SP 800-63B."""

    email: Annotated[EmailStr, StringConstraints(max_length=254)]
    password: Annotated[str, StringConstraints(min_length=8, max_length=128)]
    name: Name


class EmailTaken(Refusal):
    message = "An account with this email address already exists. Sign in instead."
    meaning = "An account with this email address already exists."
    remedy = "Offer to sign in instead."
    constraint = "user_email_key"


class WrongCredentials(Refusal):
    message = "Incorrect email address or password. Try again."
    meaning = "The email address or the password is wrong. Which one is not disclosed."
    remedy = "Let the user try again. Repeated failures are rate limited."


class SessionEnded(Refusal):
    message = "This session has ended. Sign in again."
    meaning = "The session was ended, or its refresh token is unknown, expired or already used."
    remedy = "Discard both tokens and ask the user to sign in."
