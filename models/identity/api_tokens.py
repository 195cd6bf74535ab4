"""What programs of others call with: tokens of their user's, narrowed to scopes."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, StringConstraints, field_validator
from pydantic import Field as Range
from sqlalchemy import CheckConstraint, Column, Enum
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from core.clock import now
from models.base import Row, foreign_key, timestamp
from models.errors import ErrorCode, InvalidValue, Refusal


class ApiScope(StrEnum):
    """What a token is good for."""

    READ = "READ"
    WRITE = "WRITE"


class ApiToken(Row, table=True):
    """Acts as its user within its scopes. Kept are the secret's SHA-256 and first letters."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name"),
        CheckConstraint(
            "scopes <@ '{READ,WRITE}' AND cardinality(scopes) BETWEEN 1 AND 2", name="scopes"
        ),
        CheckConstraint("expires_at > created_at", name="expires_at"),
    )

    user_id: UUID = foreign_key("user")
    name: str
    prefix: str
    token_hash: bytes = Field(unique=True)
    scopes: list[ApiScope] = Field(
        sa_column=Column(ARRAY(Enum(ApiScope, native_enum=False, length=20)), nullable=False)
    )
    expires_at: datetime | None = timestamp(default=None)
    last_used_at: datetime | None = timestamp(default=None)
    revoked_at: datetime | None = timestamp(default=None)


class ApiTokenDraft(BaseModel):
    """What a person says of a new token. Without an end it holds until it is revoked."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    scopes: Annotated[set[ApiScope], Range(min_length=1)]
    expires_at: AwareDatetime | None = None

    @field_validator("expires_at")
    @classmethod
    def ensure_it_begins(cls, end: datetime | None) -> datetime | None:
        if end is not None and end <= now():
            raise InvalidValue("This moment is past already.")
        return end


class ApiTokenLimitReached(Refusal):
    code = ErrorCode.API_TOKEN_LIMIT_REACHED
    message = (
        "A person has at most {most} API tokens. One that was revoked counts for an hour after"
        " it was made."
    )
