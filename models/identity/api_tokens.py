"""API tokens: scoped credentials for third-party programs."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, field_validator, model_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Column, Enum
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from core.clock import now
from models.base import MAX_ENUM_NAME_LENGTH, Row, foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.personal_data import delete_rows
from models.scopes import DEFAULT_SCOPES, ApiScope
from models.text import Name, one_line_constraint

DEFAULT_TOKEN_DAYS = 90
MAX_TOKEN_DAYS = 365
UNUSED_TOKEN_DAYS = 90  # then it lapses


def _default_end() -> datetime:
    return now() + timedelta(days=DEFAULT_TOKEN_DAYS)


class ApiToken(Row, table=True):
    """Acts as its user within its scopes, until it expires, lapses or is revoked.

    It lapses if it is unused for 90 days. Only the secret's SHA-256 and prefix are stored.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name"),
        one_line_constraint("name"),
        CheckConstraint("cardinality(scopes) BETWEEN 1 AND 50", name="scopes"),
        CheckConstraint("expires_at > created_at", name="expires_at"),
    )
    __privacy__ = delete_rows(personal="name", secrets="prefix token_hash", none="scopes")

    user_id: UUID = foreign_key("user")
    name: Name
    prefix: str
    token_hash: bytes = Field(unique=True)
    scopes: list[ApiScope] = Field(
        sa_column=Column(
            ARRAY(Enum(ApiScope, native_enum=False, length=MAX_ENUM_NAME_LENGTH)), nullable=False
        )
    )
    expires_at: datetime = timestamp(default_factory=_default_end)
    last_used_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)


class ApiTokenDraft(BaseModel):
    """Validated new token. It expires at `expires_at`, or after so many days, by default 90.

    Without scopes, it reads what is public.
    """

    name: Name
    scopes: Annotated[frozenset[ApiScope], Range(min_length=1)] = DEFAULT_SCOPES
    expires_at: AwareDatetime | None = None
    expires_in_days: Annotated[int, Range(ge=1, le=MAX_TOKEN_DAYS)] | None = None

    @field_validator("expires_at")
    @classmethod
    def ensure_in_future(cls, end: datetime | None) -> datetime | None:
        if end is not None and end <= now():
            raise InvalidValue("This time is in the past. Choose a later one.")
        if end is not None and end > now() + timedelta(days=MAX_TOKEN_DAYS):
            raise InvalidValue(
                "An API token can be valid for at most {most} days. Choose an earlier time.",
                most=MAX_TOKEN_DAYS,
            )
        return end

    @model_validator(mode="after")
    def ensure_one_end(self) -> Self:
        if self.expires_at is not None and self.expires_in_days is not None:
            raise InvalidValue("Choose a time or a number of days, not both.")
        return self

    @property
    def end(self) -> datetime:
        days = self.expires_in_days or DEFAULT_TOKEN_DAYS
        return self.expires_at or now() + timedelta(days=days)


class ApiTokenLimitReached(Refusal):
    message = (
        "You can have at most {most} API tokens. Revoke one first; it still counts until an hour"
        " after it was created."
    )
    meaning = (
        "The user has the maximum number of API tokens. A revoked token counts until an hour"
        " after it was created."
    )
    remedy = "List the existing tokens, so that the user can revoke one."
