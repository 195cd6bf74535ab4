"""Refusals before GraphQL have the body of a GraphQL error, and a hint when to retry."""

import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from core.settings import Settings
from engine.errors.codes import Fault
from tests.hostile.production import production, serving
from tests.web.connections.raw_connection import RawConnection, handshake, head, padded
from web.uvicorn_protocols import http
from web.uvicorn_protocols.connection_limits import CONNECTION_RETRY_SECONDS
from web.uvicorn_protocols.http import REFUSALS


@pytest.fixture(scope="module")
def address(settings: Settings) -> Iterator[str]:
    with serving(production(settings) | {"NETWORK_CONNECTIONS": "10"}) as server:
        yield server.url


def parsed(answer: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return the status, the headers and the error of a response."""
    top, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = top.decode().splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert headers["content-type"].startswith("application/json"), answer
    assert int(headers["content-length"]) == len(body)
    (error,) = json.loads(body)["errors"]
    return int(first.split()[1]), headers, error


async def refusal(address: str, *sent: bytes) -> tuple[int, dict[str, str], dict[str, Any]]:
    async with RawConnection.to(address) as connection:
        await connection.send(*sent)
        return parsed(await connection.received())


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, Fault.BAD_USER_INPUT),
        (padded(head("GET /health"), 100_000), 431, Fault.BAD_USER_INPUT),
        (head("POST /graphql", "Content-Length: 300000"), 413, Fault.BAD_USER_INPUT),
    ],
)
async def test_refusals_have_the_body_of_graphql(
    address: str, sent: bytes, status: int, code: Fault
) -> None:
    answered, headers, error = await refusal(address, sent)
    assert answered == status
    assert error["extensions"] == {"code": code}
    assert "retry-after" not in headers
    assert error["message"].endswith(".")


async def test_another_host(address: str) -> None:
    request = b"GET /graphql HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    status, _, error = await refusal(address, request)
    assert (status, error["extensions"]["code"]) == (421, Fault.BAD_USER_INPUT)


async def test_too_many_sockets_of_a_network(address: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(10):
            connection = await stack.enter_async_context(RawConnection.to(address))
            await connection.send(handshake("X-Forwarded-For: 203.0.113.7"))
            assert b"101" in await connection.reader.readuntil(b"\r\n")
        last = await stack.enter_async_context(RawConnection.to(address))
        await last.send(handshake("X-Forwarded-For: 203.0.113.7"))
        status, headers, error = parsed(await last.received())
    assert (status, error["extensions"]["code"]) == (429, Fault.RATE_LIMITED)
    assert headers["retry-after"] == str(error["extensions"]["retryAfter"])


class Transport:
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def write_eof(self) -> None: ...


@pytest.mark.parametrize(
    ("status", "code", "seconds"),
    [
        (408, Fault.REQUEST_TIMEOUT, 0),
        (429, Fault.RATE_LIMITED, CONNECTION_RETRY_SECONDS),
        (503, Fault.UNAVAILABLE, CONNECTION_RETRY_SECONDS),
    ],
)
def test_refusals_that_end_by_themselves_have_a_hint(status: int, code: str, seconds: int) -> None:
    """Their causes are tested in tests/web/connections."""
    connection = object.__new__(http.HTTPConnection)
    connection.transport = transport = Transport()  # type: ignore[assignment]
    (found,) = [one for one in REFUSALS if one == status]
    connection._respond(found)
    answered, headers, error = parsed(transport.written)
    assert (answered, headers["retry-after"]) == (status, str(seconds))
    assert error["extensions"] == {"code": code, "retryAfter": seconds}
