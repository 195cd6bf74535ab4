"""Many callers that ask for the same answer at the same time cause one execution."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import Unavailable
from core.statements.read_connections import ReadConnections
from tests.client import Client
from tests.factories.world import World
from tests.web.public_answers.conftest import Results, named

CALLERS = 50


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, statements: list[Any]) -> asyncio.Event:
    """Let statements wait until it is set."""
    opened, fetch = asyncio.Event(), ReadConnections.fetch

    async def wait(*arguments: Any) -> Any:
        await opened.wait()
        return await fetch(*arguments)

    monkeypatch.setattr(ReadConnections, "fetch", wait)
    return opened


async def known(visitor: Client, gate: asyncio.Event, selection: str) -> str:
    """Return a query whose document is known, and whose answer is not."""
    query = named(selection)
    gate.set()
    await visitor.send(query)
    gate.clear()
    return query


async def test_callers_share_one_execution(
    world: World, visitor: Client, gate: asyncio.Event, statements: list[Any], results: Results
) -> None:
    await world.offer(await world.vendor())
    query = await known(visitor, gate, "offers { nodes { id vendor { name } } }")
    alone = len(statements)
    statements.clear()
    results.take()
    asking = [asyncio.create_task(visitor.send(query)) for _ in range(CALLERS)]
    await _until(lambda: results.peek().get("joined", 0) == CALLERS - 1)
    gate.set()
    answers = await asyncio.gather(*asking)
    assert len(statements) == alone
    assert all(answer["data"] == answers[0]["data"] for answer in answers)
    statements.clear()
    assert (await visitor.send(query))["data"] == answers[0]["data"]
    assert not statements, "it was kept"


async def test_the_first_caller_can_leave(
    world: World, visitor: Client, gate: asyncio.Event, statements: list[Any], results: Results
) -> None:
    await world.offer(await world.vendor())
    query = await known(visitor, gate, "offers { nodes { id } }")
    statements.clear()
    results.take()
    first = asyncio.create_task(visitor.send(query))
    second = asyncio.create_task(visitor.send(query))
    await _until(lambda: results.peek().get("joined", 0) == 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    gate.set()
    answer = await second
    assert len(answer["data"]["offers"]["nodes"]) == 1
    assert len(statements) == 1


async def test_an_error_is_shared_but_not_kept(
    visitor: Client, gate: asyncio.Event, monkeypatch: pytest.MonkeyPatch, results: Results
) -> None:
    query = await known(visitor, gate, "categories { id }")
    tries: list[None] = []

    async def fail(*_: Any) -> None:
        tries.append(None)
        await gate.wait()
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr(ReadConnections, "fetch", fail)
        results.take()
        asking = [asyncio.create_task(visitor.send(query)) for _ in range(5)]
        await _until(lambda: results.peek().get("joined", 0) == 4)
        gate.set()
        answers = await asyncio.gather(*asking)
        assert all(answer["errors"] for answer in answers)
        assert len(tries) == 1
        await visitor.send(query)
        assert len(tries) == 2
    assert (await visitor.send(query))["data"]["categories"] == []


async def test_a_network_computes_two_answers_for_others_at_once(
    visitor: Client, gate: asyncio.Event, results: Results
) -> None:
    """A third query is executed as those that are not public, within the caller's connections."""
    queries = [await known(visitor, gate, "categories { id }") for _ in range(4)]
    results.take()
    asking = [asyncio.create_task(visitor.send(query)) for query in queries]
    await asyncio.sleep(0)
    gate.set()
    answers = await asyncio.gather(*asking)
    assert all(answer["data"] == {"categories": []} for answer in answers)
    assert results.take() == {"made": 2}


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0)
