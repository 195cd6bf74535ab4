"""Ids of rows: UUIDv7, which sort by creation time."""

import base64
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

FIRST_ID = UUID(int=0)  # before all ids


def new_id() -> UUID:
    return uuid7()


def first_id_of(moment: datetime) -> UUID:
    """Return an id before all that are made from a time on."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def global_id(type_name: str, id: UUID) -> str:
    """Return a Relay global id, for use outside of GraphQL responses."""
    return base64.b64encode(f"{type_name}:{id}".encode()).decode()
