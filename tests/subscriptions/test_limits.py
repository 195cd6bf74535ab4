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
from tests.subscriptions.counted import Counted
from tests.subscriptions.inside import LITTLE, Inside, RawClient, inside
from tests.subscriptions.talking import Talker, Told
from tests.subscriptions.test_sse import events
from web.uvicorn_protocols import SEND_TIMEOUT_SECONDS

LARGE = "{ __schema { types { name description fields { name description type { name } } } } }"


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Inside]:
    few = {"user_connections": 2, "user_subscriptions": 3, "socket_operations": 2}
    async with inside(settings.model_copy(update=few)) as server:
        yield server


async def until_refused(talker: Talker, shop: Shop, ids: str) -> Told:
    """Start a subscription per id, and return the error of the last one."""
    for id in ids:
        await talker.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, id)
    error = await talker.heard()
    assert (error["type"], error["id"]) == ("error", ids[-1])
    (told,) = error["payload"]
    assert told["extensions"] == {"code": "RATE_LIMITED"}
    return error


async def test_a_user_has_so_many_sockets(shop: Shop, world: World, server: Inside) -> None:
    """graphql-ws does not try again after 4429; another user has sockets of their own."""
    counted = Counted()
    async with AsyncExitStack() as stack:
        token = shop.token(shop.owner)
        for _ in range(2):
            await stack.enter_async_context(Talker.connected(server.url, token))
        async with Talker.connected(server.url, token) as refused:
            assert await refused.closed() == (
                4429,
                "This user has too many open connections. Close one first.",
            )
        assert counted["haat_live_refused_total"] == 1
        other = shop.token(await world.user())
        await stack.enter_async_context(Talker.connected(server.url, other))
    await server.settles(subscribers=0)
    async with Talker.connected(server.url, token) as talker:
        await talker.say(type="ping")
        assert await talker.heard() == {"type": "pong"}


async def test_a_user_has_so_many_subscriptions(shop: Shop, server: Inside) -> None:
    """Over all of their sockets. One that ends makes room."""
    async with AsyncExitStack() as stack:
        connected = [Talker.connected(server.url, shop.token(shop.owner)) for _ in range(2)]
        one, other = [await stack.enter_async_context(talker) for talker in connected]
        for id in "ab":
            await one.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, id)
        await server.settles(subscribers=2)
        await other.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "c")
        await server.settles(subscribers=3)
        error = await until_refused(other, shop, "d")
        assert "3 subscriptions" in error["payload"][0]["message"]
        await one.say(type="complete", id="a")
        await server.settles(subscribers=2)
        await other.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "e")
        await server.settles(subscribers=3)
        assert server.endpoint.sessions.subscriptions == {shop.owner.id: 3}
    await server.settles(subscribers=0)
    assert server.endpoint.sessions.subscriptions == {}


async def test_a_socket_carries_so_many_operations(shop: Shop, server: Inside) -> None:
    async with Talker.connected(server.url, shop.token(shop.owner), "de") as talker:
        error = await until_refused(talker, shop, "abc")
        assert error["payload"][0]["message"].startswith("Auf diesem Socket laufen 2 Operationen.")
        await talker.say(type="complete", id="a")
        await talker.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)}, "d")
        await server.settles(subscribers=2)


async def test_who_subscribes_waits_while_many_do_and_holds_up_no_query(
    shop: Shop, server: Inside
) -> None:
    till = {"vendorId": gid(shop.vendor)}
    async with Talker.connected(server.url, shop.token(shop.owner)) as talker:
        async with AsyncExitStack() as beginning:
            for _ in range(MAX_CONCURRENT_STARTS):
                await beginning.enter_async_context(server.endpoint.groups.start_limiter)
            await talker.subscribe(AT_THE_TILL, till, "a")
            await talker.say(type="complete", id="a")
            await talker.subscribe(AT_THE_TILL, till, "b")
            await talker.subscribe("{ viewer { id } }", {}, "c")
            heard = [await talker.heard() for _ in range(2)]
            assert [(one["id"], one["type"]) for one in heard] == [("c", "next"), ("c", "complete")]
            assert server.subscribers() == 0
        await server.settles(subscribers=1)
    await server.settles(subscribers=0)


async def test_who_does_not_read_why_it_cannot_begin_holds_up_nobody(
    shop: Shop, world: World, settings: Settings
) -> None:
    """More cannot be written to it for ten seconds, and then it is cut off."""
    till = {"vendorId": gid(shop.vendor)}
    async with inside(settings, sent_at_once=LITTLE) as server:
        full, ids = RawClient(server), map(str, count(2))
        await full.over_socket(shop.token(await world.user()), LARGE, {})
        while not server.is_full():
            await full.ask(next(ids), LARGE, {})
            await asyncio.sleep(0.1)
        for _ in range(MAX_CONCURRENT_STARTS + 1):
            await full.ask(next(ids), AT_THE_TILL, till)
        await asyncio.sleep(0.5)
        began = time.monotonic()
        async with Talker.connected(server.url, shop.token(shop.owner)) as talker:
            await talker.subscribe(AT_THE_TILL, till)
            await server.settles(subscribers=1)
        assert server.is_full()
        assert time.monotonic() - began < SEND_TIMEOUT_SECONDS / 2
        full.vanish()


async def test_streams_of_events_count_too(shop: Shop, server: Inside) -> None:
    here = shop.at(server)
    async with AsyncExitStack() as stack:
        for _ in range(2):
            talker = Talker.connected(server.url, shop.token(shop.owner))
            await stack.enter_async_context(talker)
        told = [event async for event in events(here, None)]
        (error,) = told[0]["data"]["errors"]
        assert error["extensions"] == {"code": "RATE_LIMITED"}
        assert told[1]["event"] == "complete"
    await server.settles(subscribers=0)
