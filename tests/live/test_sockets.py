"""Connections seen from the inside: who follows, who is let go, and when."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError
from strawberry.relay import from_base64

from core.database import Database
from core.settings import Settings
from models.vendors import MemberRole
from services import journal
from subscriptions import changes, reading
from subscriptions import socket as sockets
from tests.client import gid
from tests.factories.world import World
from tests.live.conftest import AT_THE_TILL, Shop
from tests.live.inside import LITTLE, Inside, RawClient, inside
from webhooks import connections

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Inside]:
    async with inside(settings, sent_at_once=LITTLE) as server:
        yield server


async def ask(shop: Shop, server: Inside, transport: str) -> RawClient:
    """Follow the till from its beginning, as the owner."""
    client = RawClient(server)
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    how = client.over_socket if transport == "ws" else client.over_events
    await how(shop.token(shop.owner), AT_THE_TILL, variables)
    return client


async def retell(shop: Shop, times: int) -> None:
    """Tell of the same attempt again and again."""
    attempt = UUID(from_base64(await shop.present())[1])
    async with shop.entries() as session:
        for _ in range(times):
            journal.append(session, shop.topic, "redemption", redemption_id=attempt)


@BOTH
async def test_a_client_that_does_not_read_is_cut_off(
    shop: Shop, server: Inside, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SEND_SECONDS", 1.0)
    client = await ask(shop, server, transport)
    await server.rests(followers=2 if transport == "ws" else 1)
    await retell(shop, 600)
    most = 0
    async with asyncio.timeout(20):
        while server.followers():
            most = max(most, server.waiting_to_be_sent())
            await asyncio.sleep(0.05)
    assert 32 * 1024 < most < 80 * 1024
    await server.rests(followers=0)
    assert await client.read_to_the_end() < 64 * 1024, "what the transport held is gone"


@BOTH
async def test_a_client_that_reads_slowly_is_not(
    shop: Shop, server: Inside, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SEND_SECONDS", 2.0)
    client = await ask(shop, server, transport)
    await server.rests(followers=2 if transport == "ws" else 1)
    await retell(shop, 600)
    loop, got, began = asyncio.get_running_loop(), 0, time.monotonic()
    while got < 180 * 1024:
        got += len(await loop.sock_recv(client.socket, 4 * 1024))
        await asyncio.sleep(0.05)
    assert time.monotonic() - began > 2
    assert server.followers()
    client.vanish()
    await server.rests(followers=0)


@BOTH
async def test_a_client_that_vanishes_is_let_go(shop: Shop, server: Inside, transport: str) -> None:
    clients = [await ask(shop, server, transport) for _ in range(10)]
    await server.rests(followers=20 if transport == "ws" else 10)
    await shop.present()
    for client in clients:
        client.vanish()
    await server.rests(followers=0)


async def test_an_operation_that_is_completed_is_let_go(shop: Shop, server: Inside) -> None:
    """The socket stays, and so does the one that watches over its session."""
    client = await ask(shop, server, "ws")
    await server.rests(followers=2)
    await client._frame(type="complete", id="1")
    await server.rests(followers=1)
    client.vanish()
    await server.rests(followers=0)


async def test_a_stream_that_fails_is_let_go(
    shop: Shop, server: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    follower = await here.at_the_till(transport="sse")
    await server.rests(followers=1)

    async def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("subscriptions.redemptions._redemption", broken)
    await shop.present()
    await follower.ended()
    assert follower.codes == ["INTERNAL"]
    assert "fault" not in str(follower.events)
    await server.rests(followers=0)


@BOTH
async def test_a_checkpoint_comes_when_nothing_does(
    shop: Shop, server: Inside, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not for the stream moves its cursor on."""
    monkeypatch.setattr(changes, "CHECKPOINT_SECONDS", 0.5)
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    follower = await here.at_the_till(transport=transport)
    await server.rests(followers=2 if transport == "ws" else 1)
    async with shop.entries() as session:
        journal.append(session, shop.topic, "voucher.cancelled", voucher_id=shop.voucher.id)
    cursor = await shop.cursor(shop.topic)
    await follower.until(lambda one: one.changes and one.changes[-1]["cursor"] == cursor)
    assert {change["kind"] for change in follower.changes} == {"CHECKPOINT"}
    assert follower.changes[-1]["redemption"] is None


async def test_a_socket_whose_session_cannot_be_watched_is_closed(
    shop: Shop, world: World, server: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than left open after its session; the client connects again."""
    heads = reading.heads

    async def unreadable(database: Database, topics: Sequence[str]) -> dict[str, int]:
        if topics == [shop.customer_topic]:
            monkeypatch.setattr(reading, "heads", heads)
            raise SQLAlchemyError
        return await heads(database, topics)

    monkeypatch.setattr(reading, "heads", unreadable)
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    await world.member(shop.vendor, shop.customer, MemberRole.SCANNER)
    follower = await here.at_the_till(shop.customer, resume=True, retry=3)
    await follower.connected(2)
    assert [closed["code"] for closed in follower.of_type("closed")] == [sockets.UNWATCHED]
    await shop.present()
    await follower.saw(1)
