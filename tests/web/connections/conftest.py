"""A server in this process, whose connections tests can count."""

from collections.abc import AsyncIterator

import pytest

from core.settings import Settings
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings) as server:
        yield server
