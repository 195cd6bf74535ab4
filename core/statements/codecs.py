"""How values are sent to PostgreSQL, and read from it, on connections of asyncpg."""

from typing import Any

import asyncpg

from core import jsonb

JSONB_VERSION = b"\x01"


async def set_json_codec(connection: asyncpg.Connection) -> None:
    """Read and write `jsonb` as SQLAlchemy does: values are decoded, and sent as text."""
    await connection.set_type_codec(
        "jsonb", encoder=_encode, decoder=_decode, schema="pg_catalog", format="binary"
    )


def _encode(text: str) -> bytes:
    return JSONB_VERSION + text.encode()


def _decode(data: bytes) -> Any:
    return jsonb.decode(memoryview(data)[1:])
