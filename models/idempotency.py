"""Idempotency keys, which make retried requests safe."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from core.clock import now
from models.base import json, timestamp
from models.personal_data import delete_rows


class IdempotencyKey(SQLModel, table=True):
    """A user's key for an operation, the hash of its input, and the id of the row it made.

    For an anonymous caller, `user_id` is the id of the row that stands for them, such as a cart.
    """

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("idempotency_key_created_at_idx", "created_at"),)
    __privacy__ = delete_rows(
        id="user_id", personal="key result", secrets="input_hash", none="operation"
    )

    user_id: UUID = Field(primary_key=True)
    operation: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    input_hash: bytes
    result: dict[str, Any] | None = json(default=None)
    created_at: datetime = timestamp(default_factory=now)
