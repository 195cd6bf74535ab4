"""API tokens: scoped credentials for third-party programs."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, field_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Column, Enum
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from core.clock import now
from models.base import Row, foreign_key, timestamp
from models.errors import InvalidValue, Refusal
from models.text import Name, one_line_constraint


class ApiScope(StrEnum):
    READ = "READ"
    WRITE = "WRITE"


class ApiToken(Row, table=True):
    """Acts as its user within its scopes. Only the secret's SHA-256 and prefix are stored."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name"),
        one_line_constraint("name"),
        CheckConstraint(
            "scopes <@ '{READ,WRITE}' AND cardinality(scopes) BETWEEN 1 AND 2", name="scopes"
        ),
        CheckConstraint("expires_at > created_at", name="expires_at"),
    )

    user_id: UUID = foreign_key("user")
    name: Name
    prefix: str
    token_hash: bytes = Field(unique=True)
    scopes: list[ApiScope] = Field(
        sa_column=Column(ARRAY(Enum(ApiScope, native_enum=False, length=20)), nullable=False)
    )
    expires_at: datetime | None = timestamp(default=None)
    last_used_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)


class ApiTokenDraft(BaseModel):
    """Validated new token. Without `expires_at` it is valid until revoked."""

    name: Name
    scopes: Annotated[set[ApiScope], Range(min_length=1)]
    expires_at: AwareDatetime | None = None

    @field_validator("expires_at")
    @classmethod
    def ensure_in_future(cls, end: datetime | None) -> datetime | None:
        if end is not None and end <= now():
            raise InvalidValue("This time is in the past. Choose a later one.")
        return end


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
