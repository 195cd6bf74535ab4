"""Identity of rows: UUIDv7, so that ids made later sort later."""

import base64
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    return uuid7()


def global_id(type_name: str, id: UUID) -> str:
    """The id by which clients know a row of a GraphQL type, for what reaches them by other ways."""
    return base64.b64encode(f"{type_name}:{id}".encode()).decode()
