"""Hostile documents and bodies cost the server little and hardly delay other callers.

CPU time is measured, which other processes on the machine don't add to, in units of work of the
same kind that is done in turn with it, so that slow machines allow more. Each request is a new
one, and the median of several handfuls counts.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from itertools import count

import httpx
import pytest
from graphql import parse
from websockets import CloseCode, ConnectionClosedError

from tests.hostile.bodies import BODIES, body
from tests.hostile.documents import DOCUMENTS
from tests.hostile.production import ServerProcess
from tests.hostile.transports import by_socket, codes
from web.middleware.body_limit import MAX_BODY_BYTES

UNIT = "{ offers { " + "totalCount " * 1_000 + "} }"  # some milliseconds of parsing
UNITS = 8
HANDFULS, HANDFUL = 3, 3
NUMBERS = count(1)
JSON = {"Content-Type": "application/json"}


def new(document: str) -> str:
    return document.replace("NEW", f"Q{next(NUMBERS)}")


async def post(http: httpx.AsyncClient, content: bytes) -> httpx.Response:
    try:
        response = await http.post("/graphql", content=content, headers=JSON)
    except (httpx.ReadError, httpx.WriteError):  # hung up on in the middle of a body too large
        assert len(content) > MAX_BODY_BYTES
        return httpx.Response(413)
    assert response.status_code < 500
    return response


async def cost(server: ServerProcess, http: httpx.AsyncClient, made: Callable[[], bytes]) -> float:
    """Return the server's CPU units per request, parsing and responding included."""
    costs, units = [], []
    for _ in range(HANDFULS):
        requests = [made() for _ in range(HANDFUL)]
        units.append(unit())
        before = server.cpu()
        for request in requests:
            await post(http, request)
        costs.append((server.cpu() - before) / HANDFUL)
    return statistics.median(costs) / statistics.median(units)


def unit() -> float:
    """Return the CPU seconds of this process for a fixed piece of work."""
    before = time.process_time()
    parse(UNIT)
    return time.process_time() - before


def code_of(response: httpx.Response) -> str | None:
    """Return the first error's code, "" without an error, None if it was no GraphQL request."""
    if response.status_code != 200:
        return None
    errors = response.json().get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else ""


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_costs_little(
    server: ServerProcess, http: httpx.AsyncClient, name: str
) -> None:
    document, code = DOCUMENTS[name]
    assert code_of(await post(http, body(new(document)))) == code
    assert await cost(server, http, lambda: body(new(document))) < UNITS


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_costs_little(
    server: ServerProcess, http: httpx.AsyncClient, name: str
) -> None:
    document, value, code = BODIES[name]
    variables = f'{{"in":{value}}}'
    assert code_of(await post(http, body(new(document), variables))) == code
    assert await cost(server, http, lambda: body(new(document), variables)) < UNITS


async def test_a_message_too_large_is_not_read(server: ServerProcess, address: str) -> None:
    ask = by_socket(server.url, address)
    before = server.cpu()
    for _ in range(HANDFUL):
        with pytest.raises(ConnectionClosedError) as closed:
            await ask(" " * 1_000_000)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == CloseCode.MESSAGE_TOO_BIG
    assert (server.cpu() - before) / HANDFUL < UNITS * unit()
    assert codes(await ask(" " * (MAX_BODY_BYTES - 200))) == ["QUERY_TOO_COMPLEX"]


async def test_others_are_served_meanwhile(server: ServerProcess, http: httpx.AsyncClient) -> None:
    """While one caller sends only hostile requests, others wait for one of them at most."""
    quiet = await waited(http)
    worst = ["900 ids", "fragments that overlap", "320 times one argument", "a block string"]

    async def harm() -> None:
        while True:
            for name in worst:
                await post(http, body(new(DOCUMENTS[name][0])))

    harming = asyncio.create_task(harm())
    try:
        disturbed = await waited(http)
    finally:
        harming.cancel()
    assert disturbed < 10 * quiet + UNITS * unit()


async def waited(http: httpx.AsyncClient) -> float:
    """Return the median latency of a small request of another caller."""
    waits = []
    for _ in range(40):
        began = time.perf_counter()
        assert (await post(http, body(new("query NEW { __typename }")))).status_code == 200
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    return statistics.median(waits)


async def test_documents_do_not_fill_the_memory(
    server: ServerProcess, http: httpx.AsyncClient
) -> None:
    """Each of these would take half a megabyte as a cached tree."""
    before = server.memory()
    for _ in range(150):
        await post(http, body(new(f"query NEW {{ offers {{ {'totalCount ' * 900} }} }}")))
    assert server.memory() - before < 40 * 2**20
