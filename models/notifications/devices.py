"""Devices that receive push messages."""

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
from models.personal_data import delete_rows

MAX_DEVICES = 20


class Platform(StrEnum):
    ANDROID = "ANDROID"
    IOS = "IOS"
    WEB = "WEB"


class Device(Row, table=True):
    """An app in which a user is signed in. A push token belongs to one user at a time.

    The unique index is on the SHA-256: a token can exceed an index row's size limit.
    """

    __table_args__ = (
        Index("device_user_id_idx", "user_id", "seen_at", "id"),
        Index("device_seen_at_idx", "seen_at"),
    )
    __privacy__ = delete_rows(secrets="token token_hash")

    user_id: UUID = foreign_key("user", index=False)
    session_id: UUID = foreign_key("user_session")
    platform: Platform = enum_column(Platform)
    token: str = Field(max_length=4096)
    token_hash: bytes = Field(unique=True)
    seen_at: datetime = timestamp(default_factory=now)


class DeviceRegistration(BaseModel, frozen=True):
    """Validated FCM token and platform of an app."""

    token: Annotated[
        str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+$")
    ]
    platform: Platform

    @property
    def token_hash(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()
