"""Counts what the server does for a request, below the drivers, so that they can be exchanged."""

import asyncio
import gc
import tracemalloc
from asyncio import base_events, selector_events
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY
from starlette.types import ASGIApp, Message, Scope

from tests.smoke.expected import Counts

WARM_UPS, REPETITIONS = 3, 5
KIBIBYTE = 1024
READ_BYTES = 8 * KIBIBYTE  # asyncio asks for 256 KiB at each read, which would hide the rest
TRANSPORT: Any = vars(selector_events)["_SelectorSocketTransport"]
LOOP: Any = base_events.BaseEventLoop


@dataclass(frozen=True)
class Call:
    """A GraphQL request."""

    query: str
    variables: dict[str, Any]
    token: str | None = None


async def measure(app: ASGIApp, next_call: Callable[[], Awaitable[Call]]) -> Counts:
    """Return the least of several repetitions, because other work of the process only adds."""
    bodies = [await next_call() for _ in range(WARM_UPS + 2 * REPETITIONS)]
    for call in bodies[:WARM_UPS]:
        await send(app, call)
    counted = [await _count(app, call) for call in bodies[WARM_UPS:-REPETITIONS]]
    allocated = [await _allocate(app, call) for call in bodies[-REPETITIONS:]]
    sql, redis, tasks, plans = map(min, zip(*counted, strict=True))
    return Counts(sql, redis, tasks, plans, round(min(allocated) / KIBIBYTE))


async def send(app: ASGIApp, call: Call) -> dict[str, Any]:
    """Send a request to the app itself, without a client whose work would count."""
    sent: list[Message] = []
    body = [_body(call)]

    async def receive() -> Message:
        if body:
            return {"type": "http.request", "body": body.pop(), "more_body": False}
        await asyncio.Event().wait()  # the caller stays connected
        raise AssertionError

    async def keep(message: Message) -> None:
        sent.append(message)

    await app(_scope(call), receive, keep)
    answer: dict[str, Any] = orjson.loads(b"".join(one.get("body", b"") for one in sent))
    assert "errors" not in answer, answer["errors"]
    return answer


def _body(call: Call) -> bytes:
    return orjson.dumps({"query": call.query, "variables": call.variables})


def _scope(call: Call) -> Scope:
    headers = [(b"host", b"haat"), (b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(_body(call))).encode()))
    if call.token:
        headers.append((b"authorization", f"Bearer {call.token}".encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 40_000),
        "server": ("haat", 80),
    }


async def _count(app: ASGIApp, call: Call) -> tuple[int, int, int, int]:
    before = _plans()
    with written() as peers, created() as tasks:
        await send(app, call)
    sql = sum("asyncpg" in peer for peer in peers)
    return sql, len(peers) - sql, len(tasks), _plans() - before


async def leave_cycles(app: ASGIApp, call: Call) -> int:
    """Return how many objects of the request only the garbage collector can free."""
    gc.collect()
    gc.disable()
    try:
        await send(app, call)
        return gc.collect()
    finally:
        gc.enable()


async def _allocate(app: ASGIApp, call: Call) -> int:
    """Return how many bytes the request held at most, beyond those before it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TRANSPORT, "max_size", READ_BYTES)
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            await send(app, call)
            _, most = tracemalloc.get_traced_memory()
            return most - before
        finally:
            tracemalloc.stop()
            gc.enable()


@contextmanager
def written() -> Iterator[list[str]]:
    """Collect the protocol's module for each message to a server: one round trip."""
    peers: list[str] = []
    write = TRANSPORT.write

    def record(self: Any, data: bytes) -> None:
        peers.append(type(self.get_protocol()).__module__)
        write(self, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TRANSPORT, "write", record)
        yield peers


@contextmanager
def created() -> Iterator[list[Any]]:
    tasks: list[Any] = []
    create_task = LOOP.create_task

    def record(self: Any, coroutine: Any, **options: Any) -> Any:
        tasks.append(coroutine)
        return create_task(self, coroutine, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LOOP, "create_task", record)
        yield tasks


def _plans() -> int:
    return int(REGISTRY.get_sample_value("haat_graphql_plans_total") or 0)
