"""Networks in which users sign in."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from core.clock import now
from core.limits.networks import network_of
from models.base import foreign_key, timestamp
from models.personal_data import delete_rows


class KnownNetwork(SQLModel, table=True):
    """A network in which a user signed in, kept for 30 days after the last time."""

    __tablename__ = "known_network"
    __table_args__ = (CheckConstraint("octet_length(network_hash) = 32", name="network_hash"),)
    __privacy__ = delete_rows(secrets="network_hash")

    user_id: UUID = foreign_key("user", primary_key=True, index=False)
    network_hash: bytes = Field(primary_key=True)
    used_at: datetime = timestamp(default_factory=now, index=True)


def hash_network(user_id: UUID, address: str) -> bytes:
    """Return the SHA-256 of a user's network.

    It contains the user's id, so that the table does not show which users share a network. There
    are only 2^32 IPv4 addresses, so it does not hide a network from an attacker who has the table.
    """
    return hashlib.sha256(user_id.bytes + network_of(address).encode()).digest()
