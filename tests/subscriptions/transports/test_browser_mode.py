"""Sockets in browser mode: authenticated by the cookie, if a page of the server opens them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from core.security.browser_cookie import csrf_token, new_cookie
from models.vendors import MemberRole
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.identity.browser import COOKIE, BrowserPages
from tests.running import Server
from tests.subscriptions.conftest import AT_THE_TILL, Shop
from tests.subscriptions.websocket_client import WebSocketClient

INBOX = "subscription { inboxChanges { __typename } }"
STATUS = "subscription ($id: ID!) { vendorStatusChanges(vendorId: $id) { cursor } }"
MEMBERS = "subscription ($id: ID!) { memberChanges(vendorId: $id) { cursor } }"
TYPING = "subscription ($id: ID!) { typing(conversationId: $id) { users { id } } }"
CONVERSATION = "subscription ($id: ID!) { conversationChanges(conversationId: $id) { __typename } }"


@pytest.fixture
async def browser(server: Server) -> AsyncIterator[BrowserPages]:
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        yield BrowserPages(http, server.url)


@asynccontextmanager
async def socket(
    browser: BrowserPages, payload: Mapping[str, Any] | None = None, origin: str | None = None
) -> AsyncIterator[WebSocketClient]:
    """Open a socket as a page does. It has sent `connection_init`."""
    async with connect(
        browser.origin.replace("http", "ws") + "/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        origin=Origin(origin or browser.origin),
        additional_headers={"Cookie": f"{COOKIE}={browser.cookie}"},
        ping_interval=None,
    ) as opened:
        client = WebSocketClient(opened)
        given = {"csrfToken": browser.csrf} if payload is None else payload
        await client.send(type="connection_init", payload=given)
        yield client


async def first(client: WebSocketClient, query: str, **variables: Any) -> Any:
    """Return the first message of a subscription: its error, or its first change."""
    await client.subscribe(query, variables)
    return await client.receive()


async def test_a_socket_has_the_rights_of_the_role(
    shop: Shop, browser: BrowserPages, world: World
) -> None:
    """The connections are closed when the role is switched, so that they start again."""
    await browser.log_in(shop.owner)
    till = {"vendorId": gid(shop.vendor)}
    async with socket(browser) as client:
        assert (await client.receive())["type"] == "connection_ack"
        refused = await first(client, AT_THE_TILL, **till)
        assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        await browser.act(vendorId=gid(shop.vendor))
        assert (await client.closed())[0] == 4403
    async with socket(browser) as client:
        assert (await client.receive())["type"] == "connection_ack"
        await client.subscribe(AT_THE_TILL, till | {"after": await shop.cursor(shop.topic)})
        await shop.present()
        assert (await client.change())["redemption"]["outcome"] == "REFUSED"
        assert await browser.failed("mutation { logOut(input: {}) { errors { code } } }") == []
        assert (await client.closed())[0] == 4401


@pytest.mark.parametrize(
    "payload",
    [
        {"csrfToken": ""},
        {"csrfToken": None},
        {"csrfToken": csrf_token(new_cookie())},
        {"csrfToken": "right", "session": "cookie-1"},
        {"csrfToken": "right", "session": "x"},
        {"csrfToken": "right", "authorization": "Bearer x"},
    ],
)
async def test_a_socket_needs_the_token_of_its_cookie(
    shop: Shop, browser: BrowserPages, payload: dict[str, Any]
) -> None:
    await browser.log_in(shop.owner)
    if payload["csrfToken"] == "right":
        payload = payload | {"csrfToken": browser.csrf}
    async with socket(browser, payload) as client:
        assert (await client.closed())[0] == 4403


async def test_the_cookie_of_a_socket_alone_means_nothing(
    shop: Shop, browser: BrowserPages
) -> None:
    await browser.log_in(shop.owner)
    async with socket(browser, {}) as client:
        assert (await client.receive())["type"] == "connection_ack"
        refused = await first(client, INBOX)
        assert refused["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_pages_of_other_origins_open_no_socket_with_the_cookie(
    shop: Shop, browser: BrowserPages
) -> None:
    """Not even those that may open one with a token: here, of another port of this machine."""
    await browser.log_in(shop.owner)
    async with socket(browser, origin="http://localhost:3000") as client:
        assert (await client.closed())[0] == 4403


@asynccontextmanager
async def events(
    browser: BrowserPages, variables: Mapping[str, Any], query: str = AT_THE_TILL, **headers: str
) -> AsyncIterator[httpx.Response]:
    """Open a stream of server-sent events as a page does."""
    given = {
        "Accept": "text/event-stream",
        "Haat-Session": "cookie",
        "Origin": browser.origin,
        "Cookie": f"{COOKIE}={browser.cookie}",
        **headers,
    }
    asked = {"query": query, "variables": dict(variables)}
    async with browser.http.stream("POST", "/graphql", json=asked, headers=given) as response:
        yield response


async def test_a_stream_of_events_has_the_rights_of_the_role(
    shop: Shop, browser: BrowserPages
) -> None:
    """As those of sockets: streams end when the role is switched, and the next ones have it."""
    await browser.log_in(shop.owner)
    till = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    async with events(browser, till) as response, asyncio.timeout(5):
        assert "NOT_FOUND" in "".join([text async for text in response.aiter_text()])
    async with events(browser, {}, INBOX) as before, asyncio.timeout(5):
        await browser.act(vendorId=gid(shop.vendor))
        assert "complete" in "".join([text async for text in before.aiter_text()])
    async with events(browser, till) as response, asyncio.timeout(10):
        assert response.headers["content-type"].startswith("text/event-stream")
        texts = response.aiter_text()
        made = await shop.present()
        seen = ""
        while made not in seen:
            seen += await anext(texts)
        assert await browser.failed("mutation { logOut(input: {}) { errors { code } } }") == []
        left = "".join([text async for text in texts])
        assert "UNAUTHENTICATED" in left or "complete" in left


async def test_pages_of_other_origins_open_no_stream_with_the_cookie(
    shop: Shop, browser: BrowserPages
) -> None:
    await browser.log_in(shop.owner)
    await browser.act(vendorId=gid(shop.vendor))
    till = {"vendorId": gid(shop.vendor)}
    async with events(browser, till, Origin="https://evil.example") as response:
        refused = response.status_code, "UNAUTHENTICATED" in (await response.aread()).decode()
    assert refused == (403, False)


async def test_subscriptions_of_members_need_the_role(
    shop: Shop, browser: BrowserPages, world: World
) -> None:
    """Each of them: a new one belongs here."""
    admin = await world.admin()
    await world.member(shop.vendor, admin, MemberRole.OWNER)
    customer, vendor = shop.api.signed_in(shop.customer), {"id": gid(shop.vendor)}
    given = {"vendorId": vendor["id"]}
    started = await customer.do("startConversation", given, "conversation { id }")
    chat = {"id": started["conversation"]["id"]}
    await browser.log_in(admin)
    asked = ((STATUS, vendor), (MEMBERS, vendor), (TYPING, chat), (CONVERSATION, chat))
    async with socket(browser) as client:
        assert (await client.receive())["type"] == "connection_ack"
        for query, given in asked:
            refused = await first(client, query, **given)
            assert refused["type"] == "error", query
        await browser.act(vendorId=gid(shop.vendor))
        assert (await client.closed())[0] == 4403
    for query, given in asked:
        async with socket(browser) as client:
            assert (await client.receive())["type"] == "connection_ack"
            await client.subscribe(query, given)
            await client.send(type="ping")
            found = await client.receive()
            assert found["type"] in {"pong", "next"}, found
