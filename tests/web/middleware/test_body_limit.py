"""Requests over 256 KiB are rejected."""

import json
import socket
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.conftest import codes
from web.middleware.body_limit import MAX_BODY_BYTES

TYPE = {"Content-Type": "application/json"}


def body_of(size: int) -> bytes:
    hello = {"query": "{ __typename }", "extensions": {"padding": ""}}
    hello["extensions"] = {"padding": "x" * (size - len(json.dumps(hello)))}
    return json.dumps(hello).encode()


async def in_parts(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 10_000):
        yield body[at : at + 10_000]


@pytest.mark.parametrize("parts", [False, True])
async def test_a_body_of_256_kib_is_accepted(http: httpx.AsyncClient, *, parts: bool) -> None:
    body = body_of(MAX_BODY_BYTES)
    assert len(body) == MAX_BODY_BYTES
    content = in_parts(body) if parts else body
    response = await http.post("/graphql", content=content, headers=TYPE)
    assert response.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("parts", [False, True])
async def test_one_byte_more_is_413(http: httpx.AsyncClient, *, parts: bool) -> None:
    body = body_of(MAX_BODY_BYTES + 1)
    content = in_parts(body) if parts else body
    response = await http.post("/graphql", content=content, headers=TYPE)
    assert response.status_code == 413
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_an_endless_body_is_not_read_to_its_end(http: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * MAX_BODY_BYTES:
            sent += 10_000
            yield b" " * 10_000

    response = await http.post("/graphql", content=endless(), headers=TYPE)
    assert response.status_code == 413
    assert sent <= MAX_BODY_BYTES + 10_000


def answered(server: str, head: str) -> bytes:
    """Return everything that the server sends until it closes the connection."""
    address = urlsplit(server)
    with socket.create_connection((address.hostname, address.port or 80), timeout=5) as raw:
        raw.sendall(head.encode())
        return b"".join(iter(lambda: raw.recv(65536), b""))


def test_a_server_responds_before_the_body_arrives(server: str) -> None:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    )
    answer = answered(server, head)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize(("length", "status"), [(60_000, b"200"), (70_000, b"431")])
def test_url_and_headers_have_at_most_64_kib(server: str, length: int, status: bytes) -> None:
    query = "query=%7B__typename%7D&padding=".ljust(length, "x")
    answer = answered(
        server, f"GET /graphql?{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 " + status)
