"""A client that disconnects while it sends is no error."""

import asyncio

import pytest

from core.observability.request_log import request_log
from tests.subscriptions.in_process_server import InProcessServer
from tests.web.connections.raw_connection import RawConnection, head


async def test_a_client_that_leaves_while_it_sends_logs_no_error(
    server: InProcessServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses: list[int] = []
    monkeypatch.setattr(
        request_log, "write", lambda *_, **fields: statuses.append(fields["status"])
    )
    post = head("POST /graphql", "Content-Type: application/json", "Content-Length: 1000")
    async with RawConnection.to(server.url) as connection:
        await connection.send(post + b"{")
        async with asyncio.timeout(10):
            while not server.server_state.tasks:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.01)
    async with asyncio.timeout(10):
        while server.server_state.tasks:  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.01)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []
    assert statuses == [499]
