"""A connection of asyncpg, with the codec of read connections."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from core.settings import Settings
from core.statements.codecs import set_codecs


@pytest.fixture
async def connection(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.libpq_url)
    await set_codecs(connection)
    yield connection
    await connection.close()
