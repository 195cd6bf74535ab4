"""Links between accounts: a device, phone number, card or network of a sign-in in common."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from core.clock import now
from core.security.sealed import HASH_BYTES
from models.base import enum_column, foreign_key, timestamp
from models.personal_data import delete_rows

ADDRESS_DAYS = 30
LINK_DAYS = 365  # of devices, phone numbers and cards


class LinkKind(StrEnum):
    DEVICE = "DEVICE"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    CARD = "CARD"


class IdentityLink(SQLModel, table=True):
    """Something that an account was seen with. `hash` is an HMAC, with a key of the server."""

    __tablename__ = "identity_link"
    __table_args__ = (
        CheckConstraint(f"octet_length(hash) = {HASH_BYTES}", name="hash"),
        CheckConstraint("first_at <= last_at", name="times"),
        Index("identity_link_user_id_idx", "user_id", "kind", "last_at"),
        Index("identity_link_kind_last_at_idx", "kind", "last_at"),
    )
    __privacy__ = delete_rows(secrets="hash")

    kind: LinkKind = enum_column(LinkKind, primary_key=True)
    hash: bytes = Field(primary_key=True)
    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    first_at: datetime = timestamp(default_factory=now)
    last_at: datetime = timestamp(default_factory=now)
