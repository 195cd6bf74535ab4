"""Limits on a user's sockets and subscriptions, and the errors beyond them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count

import pytest

from core.settings import Settings
from engine.live.group_registry import MAX_CONCURRENT_STARTS
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import AT_THE_TILL, Shop
from tests.subscriptions.in_process_server import (
    LITTLE,
    InProcessServer,
    RawClient,
    serve_in_process,
)
from tests.subscriptions.metric_increases import MetricIncreases
from tests.subscriptions.transports.test_sse import events
from tests.subscriptions.websocket_client import SocketMessage, WebSocketClient
from web.uvicorn_protocols.send_timeout import SEND_TIMEOUT_SECONDS

LARGE = "{ __schema { types { name description fields { name description type { name } } } } }"


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    few = {"user_connections": 2, "user_subscriptions": 3, "socket_operations": 2}
    async with serve_in_process(settings.model_copy(update=few)) as server:
        yield server


async def until_refused(connection: WebSocketClient, shop: Shop, ids: str) -> SocketMessage:
    """Start a subscription per id, and return the error of the last one."""
    for id in ids:
        await connection.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, id)
    error = await connection.receive()
    assert (error["type"], error["id"]) == ("error", ids[-1])
    (refused_with,) = error["payload"]
    assert refused_with["extensions"]["code"] == "RATE_LIMITED"
    return error


async def test_sockets_of_a_user_are_limited(
    shop: Shop, world: World, server: InProcessServer
) -> None:
    """graphql-ws does not try again after 4429; another user has sockets of their own."""
    increases = MetricIncreases()
    async with AsyncExitStack() as stack:
        token = shop.token(shop.owner)
        for _ in range(2):
            await stack.enter_async_context(WebSocketClient.connected(server.url, token))
        async with WebSocketClient.connected(server.url, token) as refused:
            assert await refused.closed() == (
                4429,
                "You have too many open windows or apps. Close one first.",
            )
        assert increases["haat_live_refused_total"] == 1
        other = shop.token(await world.user())
        await stack.enter_async_context(WebSocketClient.connected(server.url, other))
    await server.settles(subscribers=0)
    async with WebSocketClient.connected(server.url, token) as connection:
        await connection.send(type="ping")
        assert await connection.receive() == {"type": "pong"}


async def test_subscriptions_of_a_user_are_limited(shop: Shop, server: InProcessServer) -> None:
    """Over all of their sockets. One that ends makes room."""
    async with AsyncExitStack() as stack:
        connected = [
            WebSocketClient.connected(server.url, shop.token(shop.owner)) for _ in range(2)
        ]
        one, other = [await stack.enter_async_context(connection) for connection in connected]
        for id in "ab":
            await one.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, id)
        await server.settles(subscribers=2)
        await other.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "c")
        await server.settles(subscribers=3)
        error = await until_refused(other, shop, "d")
        assert "already follow 3 things" in error["payload"][0]["message"]
        await one.send(type="complete", id="a")
        await server.settles(subscribers=2)
        await other.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "e")
        await server.settles(subscribers=3)
        assert server.endpoint.sessions.subscriptions == {shop.owner.id: 3}
    await server.settles(subscribers=0)
    assert server.endpoint.sessions.subscriptions == {}


async def test_operations_of_a_socket_are_limited(shop: Shop, server: InProcessServer) -> None:
    async with WebSocketClient.connected(server.url, shop.token(shop.owner), "de") as connection:
        error = await until_refused(connection, shop, "abc")
        message = error["payload"][0]["message"]
        assert message.startswith("Dieses Fenster verfolgt schon 2 Dinge gleichzeitig.")
        await connection.send(type="complete", id="a")
        await connection.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "d")
        await server.settles(subscribers=2)


async def test_concurrent_subscriptions_queue_without_delaying_queries(
    shop: Shop, server: InProcessServer
) -> None:
    till = {"vendorId": gid(shop.vendor)}
    async with WebSocketClient.connected(server.url, shop.token(shop.owner)) as connection:
        async with AsyncExitStack() as beginning:
            for _ in range(MAX_CONCURRENT_STARTS):
                await beginning.enter_async_context(server.endpoint.groups.start_limiter)
            await connection.subscribe(AT_THE_TILL, till, "a")
            await connection.send(type="complete", id="a")
            await connection.subscribe(AT_THE_TILL, till, "b")
            await connection.subscribe("{ viewer { id } }", {}, "c")
            received = [await connection.receive() for _ in range(2)]
            assert [(one["id"], one["type"]) for one in received] == [
                ("c", "next"),
                ("c", "complete"),
            ]
            assert server.subscribers() == 0
        await server.settles(subscribers=1)
    await server.settles(subscribers=0)


async def test_a_client_that_does_not_read_its_error_delays_no_other(
    shop: Shop, world: World, settings: Settings
) -> None:
    """More cannot be written to it for ten seconds, and then it is cut off."""
    till = {"vendorId": gid(shop.vendor)}
    async with serve_in_process(settings, sent_at_once=LITTLE) as server:
        full, ids = RawClient(server), map(str, count(2))
        await full.over_socket(shop.token(await world.user()), LARGE, {})
        while not server.is_full():
            await full.ask(next(ids), LARGE, {})
            await asyncio.sleep(0.1)
        for _ in range(MAX_CONCURRENT_STARTS + 1):
            await full.ask(next(ids), AT_THE_TILL, till)
        await asyncio.sleep(0.5)
        began = time.monotonic()
        async with WebSocketClient.connected(server.url, shop.token(shop.owner)) as connection:
            await connection.subscribe(AT_THE_TILL, till)
            await server.settles(subscribers=1)
        assert server.is_full()
        assert time.monotonic() - began < SEND_TIMEOUT_SECONDS / 2
        full.vanish()


async def test_streams_of_events_count_too(shop: Shop, server: InProcessServer) -> None:
    here = shop.at(server)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            connection = WebSocketClient.connected(server.url, shop.token(shop.owner))
            await stack.enter_async_context(connection)
        refused_with = [event async for event in events(here, None)]
        (error,) = refused_with[0]["data"]["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert refused_with[1]["event"] == "complete"
    await server.settles(subscribers=0)
