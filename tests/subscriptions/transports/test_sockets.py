"""Connections observed inside the server: subscribers, released resources, and their timing."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy.exc import SQLAlchemyError
from strawberry.relay import from_base64
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.database import Database
from core.runtime.reconnect import RESTART
from core.settings import Settings
from engine.live import journal_producer
from models.vendors import MemberRole
from services.journal import append as journal
from services.journal import consumer, queries
from services.journal.cursor import CursorCodec
from services.redemptions.entries import RedemptionCreated, VoucherCancelled
from services.viewer import Viewer
from subscriptions.redemptions import VendorRedemptionsSource
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
from tests.subscriptions.websocket_client import WebSocketClient
from web.uvicorn_protocols import send_timeout

BOTH = pytest.mark.parametrize("transport", ["ws", "sse"])


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings, sent_at_once=LITTLE) as server:
        yield server


async def ask(shop: Shop, server: InProcessServer, transport: str) -> RawClient:
    """Follow the till from its beginning, as the owner."""
    client = RawClient(server)
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    how = client.over_socket if transport == "ws" else client.over_events
    await how(shop.token(shop.owner), AT_THE_TILL, variables)
    return client


async def append_again(shop: Shop, times: int) -> None:
    """Append entries of the same attempt several times."""
    attempt = UUID(from_base64(await shop.present())[1])
    async with shop.entries() as session:
        for _ in range(times):
            journal.append(session, RedemptionCreated(attempt), to=[shop.topic])


@BOTH
async def test_a_client_that_does_not_read_is_cut_off(
    shop: Shop, server: InProcessServer, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_timeout, "SEND_TIMEOUT_SECONDS", 1.0)
    client = await ask(shop, server, transport)
    await server.settles(subscribers=1)
    await append_again(shop, 600)
    most = 0
    async with asyncio.timeout(20):
        while server.subscribers():
            most = max(most, server.waiting_to_be_sent())
            await asyncio.sleep(0.05)
    assert 32 * 1024 < most < 80 * 1024
    await server.settles(subscribers=0)
    assert await client.read_to_the_end() < 64 * 1024, "what the transport held is gone"


@BOTH
async def test_a_client_that_reads_slowly_is_not(
    shop: Shop, server: InProcessServer, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_timeout, "SEND_TIMEOUT_SECONDS", 2.0)
    client = await ask(shop, server, transport)
    await server.settles(subscribers=1)
    await append_again(shop, 600)
    loop, got, began = asyncio.get_running_loop(), 0, time.monotonic()
    while got < 180 * 1024:
        got += len(await loop.sock_recv(client.socket, 4 * 1024))
        await asyncio.sleep(0.05)
    assert time.monotonic() - began > 2
    assert server.subscribers()
    client.vanish()
    await server.settles(subscribers=0)


async def test_a_slow_subscriber_is_replayed_from_the_journal(
    shop: Shop, server: InProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is queued for it, it delays no other subscriber, and it gets all in order."""
    monkeypatch.setattr(consumer, "MAX_KEPT_ENTRIES", 8)
    slow = await ask(shop, server, "ws")
    async with WebSocketClient.connected(server.url, shop.token(shop.owner)) as quick:
        await quick.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor)})
        await server.settles(subscribers=2)
        increases = MetricIncreases()
        await append_again(shop, 600)
        for _ in range(601):
            await quick.change()
        assert increases["haat_live_overflows_total"] >= 1
        cursors: list[str] = []
        while len(cursors) < 601:
            cursors += await slow.changes()
    codec, epoch = CursorCodec(shop.api.keys), server.feed.epoch
    seqs = [codec.decode(cursor, epoch, [shop.topic])[shop.topic] for cursor in cursors]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    slow.vanish()
    await server.settles(subscribers=0)


async def test_live_state_has_metrics(shop: Shop, server: InProcessServer) -> None:
    here = shop.at(server)
    before = await metrics(here)
    async with WebSocketClient.connected(server.url, shop.token(shop.owner)) as connection:
        start = await shop.cursor(shop.topic)
        await shop.present()
        await connection.subscribe(AT_THE_TILL, {"vendorId": gid(shop.vendor), "after": start})
        await connection.change()
        await server.settles(subscribers=1)
        await here.present()
        await connection.change()
        during = await metrics(here)
    moved = {name: during[name] - before[name] for name in during}
    standing = {"sockets": 1, "subscribers": 1, "subscriber_groups": 1, "topics": 1}
    assert {name: moved[f"haat_{name}"] for name in standing} == standing
    increases = {
        "live_entries_total": 1,
        "live_executions_total": 2,
        "live_messages_total": 2,
        "live_resumes_total": 1,
        "live_lag_seconds_count": 1,
        "live_overflows_total": 0,
        "live_refused_total": 0,
    }
    assert {name: moved.get(f"haat_{name}", 0) for name in increases} == increases
    assert moved["haat_journal_reads_total"] >= 2
    assert 0 < moved["haat_live_lag_seconds_sum"] < 30
    await server.settles(subscribers=0)
    after = await metrics(here)
    assert {
        name: after[f"haat_{name}"] - before[f"haat_{name}"] for name in standing
    } == dict.fromkeys(standing, 0)


async def metrics(shop: Shop) -> dict[str, float]:
    """Return our metrics without labels, as Prometheus scrapes them."""
    lines = (await shop.fetch("/metrics")).splitlines()
    return {
        name: float(value)
        for name, value in (line.split() for line in lines if line.startswith("haat_"))
        if "{" not in name
    }


@BOTH
async def test_a_client_that_vanishes_is_released(
    shop: Shop, server: InProcessServer, transport: str
) -> None:
    clients = [await ask(shop, server, transport) for _ in range(10)]
    await server.settles(subscribers=10)
    await shop.present()
    for client in clients:
        client.vanish()
    await server.settles(subscribers=0)


async def test_a_completed_operation_is_released(shop: Shop, server: InProcessServer) -> None:
    """The socket stays, and its session is watched over."""
    client = await ask(shop, server, "ws")
    await server.settles(subscribers=1)
    await client._frame(type="complete", id="1")
    async with asyncio.timeout(15):
        while server.subscribers():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0.02)
    assert server.endpoint.sessions.users.keys() == {shop.owner.id}
    client.vanish()
    await server.settles(subscribers=0)


async def test_a_stream_that_fails_is_released(
    shop: Shop, server: InProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    subscriber = await here.subscribe_vendor(transport="sse")
    await server.settles(subscribers=1)

    async def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(VendorRedemptionsSource, "change", broken)
    await shop.present()
    await subscriber.ended()
    assert subscriber.codes == ["INTERNAL"]
    assert "fault" not in str(subscriber.events)
    await server.settles(subscribers=0)


@BOTH
async def test_a_checkpoint_comes_when_nothing_does(
    shop: Shop, server: InProcessServer, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries that are not for the stream still advance its cursor."""
    monkeypatch.setattr(journal_producer, "CHECKPOINT_SECONDS", 0.5)
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    subscriber = await here.subscribe_vendor(transport=transport)
    await server.settles(subscribers=1)
    async with shop.entries() as session:
        cancelled = VoucherCancelled(shop.voucher.id, shop.voucher.offer_id)
        journal.append(session, cancelled, to=[shop.topic])
    cursor = await shop.cursor(shop.topic)
    await subscriber.until(lambda one: one.changes and one.changes[-1]["cursor"] == cursor)
    assert {change["kind"] for change in subscriber.changes} == {"CHECKPOINT"}
    assert subscriber.changes[-1]["redemption"] is None


def fail_second_check(
    server: InProcessServer, monkeypatch: pytest.MonkeyPatch, fail: Callable[[], Awaitable[None]]
) -> None:
    """Fail the check of a session after the connection was authenticated, which is the first.

    The list of revocations is not current, or there would be no second one.
    """
    revocations, calls = server.app.revocations, count(1)
    check = revocations.ensure_valid

    async def checked(viewer: Viewer) -> None:
        if next(calls) == 2:
            monkeypatch.setattr(revocations, "ensure_valid", check)
            await fail()
        await check(viewer)

    monkeypatch.setattr(revocations, "ensure_valid", checked)
    monkeypatch.setattr(revocations, "knows_open", lambda _: False)


async def test_a_socket_whose_session_cannot_be_watched_is_closed(
    shop: Shop, world: World, server: InProcessServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than left open after its session; the client connects again."""

    async def unverifiable() -> None:
        raise SQLAlchemyError

    fail_second_check(server, monkeypatch, unverifiable)
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    await world.member(shop.vendor, shop.customer, MemberRole.SCANNER)
    subscriber = await here.subscribe_vendor(shop.customer, resume=True, retry=3)
    await subscriber.connected(2)
    assert [closed["code"] for closed in subscriber.of_type("closed")] == [RESTART]
    await shop.present()
    await subscriber.received(1)


async def test_an_operation_that_outlives_its_socket_is_no_failure(
    shop: Shop,
    world: World,
    server: InProcessServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """There is no socket left to report its end to."""
    heads, asked = queries.heads, asyncio.Event()

    async def overtaken(database: Database, topics: Sequence[str]) -> dict[str, int]:
        if database is shop.database:
            return await heads(database, topics)
        asked.set()
        try:
            return await asyncio.Future()
        except asyncio.CancelledError:
            raise SQLAlchemyError from None  # as when time is up at that very moment

    async def unverifiable() -> None:
        await asked.wait()
        monkeypatch.setattr(queries, "heads", heads)
        raise SQLAlchemyError

    monkeypatch.setattr(queries, "heads", overtaken)
    fail_second_check(server, monkeypatch, unverifiable)
    here = replace(shop, api=replace(shop.api, http=httpx.AsyncClient(base_url=server.url)))
    await world.member(shop.vendor, shop.customer, MemberRole.SCANNER)
    subscriber = await here.subscribe_vendor(shop.customer, resume=True, retry=3)
    await subscriber.connected(2)
    await shop.present()
    await subscriber.received(1)
    assert {"error", "complete"}.isdisjoint(event["type"] for event in subscriber.events)
    assert [record for record in caplog.records if record.name == "strawberry.ws.task"] == []


async def test_there_are_sockets_at_one_address_alone(server: InProcessServer) -> None:
    address = server.url.replace("http", "ws")
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"{address}/elsewhere")
    assert refused.value.response.status_code == 403
