"""Requests on the short path that do not end with a response."""

import asyncio
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.types import Message

from engine.execution.executor import Executor
from tests.web.short_path.exchange import Observer, taken
from tests.web.short_path.requests import HELLO


def scope(app: Starlette) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json"), (b"host", b"haat")]
    return {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "http_version": "1.1",
        "headers": headers,
        "client": ("198.51.100.9", 1),
        "server": ("haat", 80),
        "state": {},
    }


async def call(app: Starlette, messages: list[Message]) -> list[Message]:
    """Send the messages of a request, and return those of the response."""
    sent: list[Message] = []

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(app), receive, send)
    return sent


def whole() -> list[Message]:
    return [{"type": "http.request", "body": orjson.dumps({"query": HELLO})}]


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Observer:
    return Observer(monkeypatch)


@pytest.mark.parametrize("short", [True, False])
async def test_a_client_that_leaves_while_it_sends(
    app: Starlette, observer: Observer, short: bool
) -> None:
    await call(app, whole())
    observer.events.clear()
    part: list[Message] = [{"type": "http.request", "body": b"{", "more_body": True}]
    before = taken()
    if short:
        assert await call(app, part) == []
    else:
        with observer.full_stack():
            assert await call(app, part) == []
    assert taken() == before
    assert [event["status"] for event in observer.events] == [499]
    # The caller is anonymous. Users of other tests are charged in the background meanwhile.
    ours = [points for keys, points in observer.charged[1:] if not keys[0].startswith("user:")]
    assert [points for points in ours if points] == []


@pytest.mark.parametrize("short", [True, False])
async def test_a_request_that_is_cancelled_is_recorded(
    app: Starlette, observer: Observer, short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call(app, whole())
    observer.events.clear()
    executing = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        executing.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Executor, "execute", hang)
    before = taken()
    if short:
        running = asyncio.create_task(call(app, whole()))
        await executing.wait()
    else:
        with observer.full_stack():
            running = asyncio.create_task(call(app, whole()))
            await executing.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert taken() - before == short
    (event,) = observer.events
    assert (event["status"], event["outcome"], event["kind"]) == (499, "OK", "query")


@pytest.mark.parametrize("short", [True, False])
async def test_a_failure_of_the_layers_is_a_500(
    app: Starlette, observer: Observer, short: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call(app, whole())
    observer.events.clear()

    def fail(_: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr("web.graphql.short_path.sending.encode", fail)
    monkeypatch.setattr("web.graphql.endpoint.encode", fail)
    with pytest.raises(RuntimeError):
        if short:
            await call(app, whole())
        else:
            with observer.full_stack():
                await call(app, whole())
    assert [event["status"] for event in observer.events] == [500]
