"""Connections that PostgreSQL closes while they are opened."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator

import pytest

from core.database import Database
from core.errors import Unavailable


async def hang_up(reader: StreamReader, writer: StreamWriter) -> None:
    await reader.read(1)
    writer.close()


@pytest.fixture
async def closing() -> AsyncIterator[Database]:
    """Return a database on a server that closes each connection, as one that starts does."""
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        database = Database(f"postgresql+asyncpg://haat@127.0.0.1:{port}/haat?ssl=disable", pool=1)
        yield database
        await database.close()


async def test_a_connection_that_is_closed_while_it_opens_is_an_outage(closing: Database) -> None:
    with pytest.raises(Unavailable):
        async with closing.session() as session:
            await session.connection()
    with pytest.raises(Unavailable):
        async with closing.prepared_transaction():
            pass
