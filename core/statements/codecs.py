"""How values are sent to PostgreSQL, and read from it, on connections of asyncpg."""

import asyncpg

from core import jsonb


async def set_json_codec(connection: asyncpg.Connection) -> None:
    """Read and write `jsonb` as SQLAlchemy does: values are decoded, and sent as text.

    As text, because its binary form is the same with a byte before it, which a function in Python
    would have to remove from each value.
    """
    await connection.set_type_codec(
        "jsonb", encoder=str, decoder=jsonb.decode, schema="pg_catalog", format="text"
    )
