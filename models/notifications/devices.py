"""Where push messages reach a user."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints
from sqlalchemy import Index
from sqlmodel import Field

from core.clock import now
from models.base import Row, enum_column, foreign_key, timestamp

MAX_DEVICES = 20


class Platform(StrEnum):
    """What an app runs on."""

    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"


class Device(Row, table=True):
    """An app that a user is signed in on. Its token is of one user at a time.

    A token may be longer than an index takes, so what is unique is its SHA-256.
    """

    __table_args__ = (
        Index("device_user_id_idx", "user_id", "seen_at", "id"),
        Index("device_seen_at_idx", "seen_at"),
    )

    user_id: UUID = foreign_key("user", index=False)
    session_id: UUID = foreign_key("user_session")
    platform: Platform = enum_column(Platform)
    token: str = Field(max_length=4096)
    token_hash: bytes = Field(unique=True)
    seen_at: datetime = timestamp(default_factory=now)


class DeviceRegistration(BaseModel, frozen=True):
    """What an app tells of itself: the token that FCM gave it, and what it runs on."""

    token: Annotated[
        str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+$")
    ]
    platform: Platform

    @property
    def token_hash(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()
