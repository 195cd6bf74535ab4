"""Server-sent events as a browser's own `EventSource` reads them: ids and resumption."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson

from tests.client import gid
from tests.subscriptions.conftest import AT_THE_TILL, Shop


async def events(
    shop: Shop, after: str | None, last_event_id: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Each server-sent event with its fields, comments left out."""
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {shop.token(shop.owner)}"}
    if last_event_id:
        headers["Last-Event-ID"] = last_event_id
    asked = {"query": AT_THE_TILL, "variables": {"vendorId": gid(shop.vendor), "after": after}}
    async with shop.api.http.stream("POST", "/graphql", json=asked, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert "no-transform" in response.headers["cache-control"]
        received: dict[str, Any] = {}
        async for line in response.aiter_lines():
            if not line and received:
                yield received
                received = {}
            name, _, value = line.partition(": ")
            if name:
                received[name] = orjson.loads(value) if name == "data" and value else value


async def first(number: int, received: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = []
    async with asyncio.timeout(5):
        async for event in received:
            seen.append(event)
            if len(seen) == number:
                break
    await received.aclose()  # type: ignore[attr-defined]
    return seen


def ids(received: list[dict[str, Any]]) -> list[str]:
    changes = [event["data"]["data"]["vendorRedemptions"] for event in received]
    return [change["redemption"]["id"] for change in changes]


async def test_the_id_of_an_event_is_its_cursor(shop: Shop) -> None:
    start = await shop.cursor(shop.topic)
    made = [await shop.present() for _ in range(3)]
    received = await first(3, events(shop, start))
    assert ids(received) == made
    for event in received:
        assert event["event"] == "next"
        assert event["id"] == event["data"]["data"]["vendorRedemptions"]["cursor"]


async def test_last_event_id_resumes_and_beats_after(shop: Shop) -> None:
    start = await shop.cursor(shop.topic)
    made = [await shop.present() for _ in range(4)]
    received = await first(4, events(shop, start))
    resumed = await first(2, events(shop, start, last_event_id=received[1]["id"]))
    assert ids(resumed) == made[2:]
    resumed = await first(1, events(shop, None, last_event_id=received[2]["id"]))
    assert ids(resumed) == made[3:]


async def test_an_expired_last_event_id_is_reported_first(shop: Shop) -> None:
    received = await first(2, events(shop, None, last_event_id="bm90aGluZw"))
    (error,) = received[0]["data"]["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert received[1]["event"] == "complete"
    assert "id" not in received[0]


async def test_a_query_can_be_streamed_too(shop: Shop) -> None:
    """graphql-sse sends every kind of operation this way."""
    response: httpx.Response = await shop.api.http.post(
        "/graphql",
        json={"query": "{ __typename }"},
        headers={"Accept": "text/event-stream"},
    )
    assert '"__typename":"Query"' in response.text
    assert "event: complete" in response.text
