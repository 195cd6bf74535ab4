"""Equal subscriptions share one journal read, one execution and one encoding."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from core.settings import Settings
from core.statements.read_connections import ReadConnections
from core.statements.statement import Statement
from engine.live.execution import SharedViewer, ViewerDependent
from engine.live.operation_key import OperationKey
from models.identity.accounts import User
from models.vendors import MemberRole
from services.viewer import Viewer
from subscriptions.redemptions import VendorRedemptionsSource
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import AT_THE_TILL, OF_A_VOUCHER, Shop
from tests.subscriptions.in_process_server import InProcessServer, serve_in_process
from tests.subscriptions.metric_increases import MetricIncreases
from tests.subscriptions.websocket_client import WebSocketClient

FOR_EACH = """
subscription ($vendorId: ID!, $after: String) {
  vendorRedemptions(vendorId: $vendorId, after: $after) {
    cursor redemption { id voucher { id state code } }
  }
}"""

OF_ACCOUNTS = """
subscription ($vendorId: ID!, $after: String) {
  vendorRedemptions(vendorId: $vendorId, after: $after) { cursor redemption { vendor {
    members(first: 1) { nodes { user { apiTokens(first: 1) { totalCount } } } }
  } } }
}"""


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[InProcessServer]:
    async with serve_in_process(settings) as server:
        yield server


@dataclass
class LiveShop:
    """A shop at a server in this process, and sockets that are closed at the end."""

    shop: Shop
    world: World
    server: InProcessServer
    stack: AsyncExitStack

    async def member(self) -> User:
        user = await self.world.user()
        await self.world.member(self.shop.vendor, user, MemberRole.STAFF)
        return user

    async def subscribe(
        self,
        user: User | str,
        query: str = AT_THE_TILL,
        languages: str = "",
        **variables: Any,
    ) -> WebSocketClient:
        """Follow the till from now on, as a user or with the secret of a program."""
        token = user if isinstance(user, str) else self.shop.token(user)
        connection = await self.stack.enter_async_context(
            WebSocketClient.connected(self.server.url, token, languages)
        )
        here = {"vendorId": gid(self.shop.vendor), "after": await self.shop.cursor(self.shop.topic)}
        await connection.subscribe(query, here | variables)
        return connection

    async def live(self, subscribers: int) -> None:
        """Wait until so many subscribers are live."""
        async with asyncio.timeout(30):
            while self.server.endpoint.groups.stats().live != subscribers:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.02)


@pytest.fixture
async def live_shop(shop: Shop, world: World, server: InProcessServer) -> AsyncIterator[LiveShop]:
    http = httpx.AsyncClient(base_url=server.url, timeout=20)
    async with AsyncExitStack() as stack, http:
        yield LiveShop(replace(shop, api=replace(shop.api, http=http)), world, server, stack)


@pytest.mark.parametrize("subscribers", [2, 50])
async def test_a_change_is_read_executed_and_encoded_once(
    live_shop: LiveShop, subscribers: int
) -> None:
    connections = [await live_shop.subscribe(await live_shop.member()) for _ in range(subscribers)]
    await live_shop.live(subscribers)
    increases = MetricIncreases()
    ids = [await live_shop.shop.present() for _ in range(3)]
    for connection in connections:
        assert [(await connection.change())["redemption"]["id"] for _ in ids] == ids
    assert increases["haat_live_executions_total"] == 3
    assert increases["haat_live_entries_total"] == 3
    assert increases["haat_live_messages_total"] == 3 * subscribers
    assert 1 <= increases["haat_journal_reads_total"] <= 6, "the sweep may look once more at each"
    (group,) = live_shop.server.endpoint.groups.groups
    assert len(group.subscribers) == subscribers


async def test_subscribers_of_two_audiences_never_share(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def each(_: VendorRedemptionsSource, viewer: Viewer) -> Hashable:
        return viewer.user_id

    monkeypatch.setattr(VendorRedemptionsSource, "audience", each)
    connections = [await live_shop.subscribe(await live_shop.member()) for _ in range(2)]
    await live_shop.live(2)
    increases = MetricIncreases()
    await live_shop.shop.present()
    for connection in connections:
        await connection.change()
    assert increases["haat_live_executions_total"] == 2
    assert increases["haat_live_entries_total"] == 1


async def test_where_each_resumes_makes_no_difference(live_shop: LiveShop) -> None:
    """Neither as a variable nor in the text; a subscriber that is behind gets the same changes."""
    start = await live_shop.shop.cursor(live_shop.shop.topic)
    early = await live_shop.shop.present()
    literal = AT_THE_TILL.replace("after: $after", f'after: "{start}"')
    literal = literal.replace(", $after: String", "")
    connections = [
        await live_shop.subscribe(await live_shop.member()),
        await live_shop.subscribe(await live_shop.member(), after=start),
        await live_shop.subscribe(await live_shop.member(), after=None),
        await live_shop.subscribe(await live_shop.member(), literal),
    ]
    await live_shop.live(4)
    increases = MetricIncreases()
    late = await live_shop.shop.present()
    received_by_each = [[(await connections[1].change())["redemption"]["id"] for _ in range(2)]]
    received_by_each.append([(await connections[3].change())["redemption"]["id"] for _ in range(2)])
    assert received_by_each == [[early, late]] * 2
    for connection in (connections[0], connections[2]):
        assert (await connection.change())["redemption"]["id"] == late
    assert increases["haat_live_executions_total"] == 2, "the literal one has other definitions"


async def test_other_fields_or_languages_are_executed_apart(live_shop: LiveShop) -> None:
    member = await live_shop.member()
    connections = [
        await live_shop.subscribe(member),
        await live_shop.subscribe(member, languages="de"),
        await live_shop.subscribe(member, AT_THE_TILL.replace("outcome", "")),
    ]
    await live_shop.live(3)
    increases = MetricIncreases()
    await live_shop.shop.present()
    for connection in connections:
        await connection.change()
    assert increases["haat_live_executions_total"] == 3


async def test_operations_with_viewer_fields_are_executed_per_viewer(live_shop: LiveShop) -> None:
    """Two sockets of one viewer still share."""
    shop = live_shop.shop
    await live_shop.world.member(shop.vendor, shop.customer, MemberRole.STAFF)
    connections = [
        await live_shop.subscribe(user, FOR_EACH)
        for user in (shop.owner, shop.customer, shop.customer)
    ]
    await live_shop.live(3)
    for state in ("REDEEMED", "REDEEMED"):
        await shop.redeem()
        received_by_each = [
            (await connection.change())["redemption"]["voucher"] for connection in connections
        ]
        codes = [None, shop.voucher.code, shop.voucher.code]
        assert [one["code"] for one in received_by_each] == codes
        assert {one["state"] for one in received_by_each} == {state}
    await live_shop.live(3)
    increases = MetricIncreases()
    await shop.redeem()
    for connection in connections:
        await connection.change()
    assert increases["haat_live_executions_total"] == 2


async def test_an_api_token_does_not_receive_personal_fields_of_its_user(
    live_shop: LiveShop,
) -> None:
    """Where the group depends on the viewer, an API token is separate from its user."""
    _, secret = await live_shop.world.api_token(live_shop.shop.owner)
    connections = [
        await live_shop.subscribe(who, OF_ACCOUNTS) for who in (live_shop.shop.owner, secret)
    ]
    for _ in range(2):
        await live_shop.shop.present()
        seen = []
        for connection in connections:
            (member,) = (await connection.change())["redemption"]["vendor"]["members"]["nodes"]
            seen.append(member["user"]["apiTokens"]["totalCount"])
        assert seen == [1, 0]


async def test_the_devices_of_an_owner_share(live_shop: LiveShop) -> None:
    shop = live_shop.shop
    start = {"voucherId": gid(shop.voucher), "after": await shop.cursor(shop.customer_topic)}
    connections = [
        await live_shop.subscribe(shop.customer, OF_A_VOUCHER, **start) for _ in range(3)
    ]
    await live_shop.live(3)
    increases = MetricIncreases()
    await shop.redeem()
    for connection in connections:
        assert (await connection.change())["voucher"]["state"] == "REDEEMED"
    assert increases["haat_live_executions_total"] == 1


async def test_a_revoked_right_ends_the_stream_at_the_next_change(
    live_shop: LiveShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One statement authorizes all of them; the authorized ones continue."""
    members = [await live_shop.member() for _ in range(10)]
    connections = [await live_shop.subscribe(member) for member in members]
    await live_shop.live(10)
    async with live_shop.shop.database.session() as session, session.begin():
        gone = {"ids": [member.id for member in members[:4]]}
        await session.execute(text("DELETE FROM vendor_member WHERE user_id = ANY(:ids)"), gone)
    asked: list[str] = []
    fetch = ReadConnections.fetch

    async def see(self: ReadConnections, statement: Statement[Any], values: Any) -> list[Any]:
        if "unnest" in statement.sql and "vendor_member" in statement.sql:
            asked.append(statement.sql)
        return await fetch(self, statement, values)

    monkeypatch.setattr(ReadConnections, "fetch", see)
    await live_shop.shop.present()
    for connection in connections[:4]:
        received_by_each = await connection.receive()
        assert received_by_each["payload"]["data"] is None
        assert received_by_each["payload"]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert await connection.receive() == {"id": "1", "type": "complete"}
    for connection in connections[4:]:
        await connection.change()
    assert len(asked) == 1
    await live_shop.live(6)


def test_a_shared_viewer_answers_nothing() -> None:
    read = {field.name for field in fields(Viewer)}
    methods = {name for name in vars(Viewer) if not name.startswith("_")}
    for name in read | methods | {"added_later"}:
        viewer = SharedViewer()
        with pytest.raises(ViewerDependent):
            getattr(viewer, name)
        assert viewer.asked == [name]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{ a(after: "x") { b } }', '{ a(after: "y") { b } }', True),
        ("{ a(after: $c) { b } }", "{ a(after: $c) { b } }", True),
        ("{ a(after: $c) { b(c: $c) } }", "{ a(after: $c) { b(c: $c) } }", False),
        ('{ a { b(after: "x") } }', '{ a { b(after: "y") } }', False),
        ('{ a(id: "x") { b } }', '{ a(id: "y") { b } }', False),
    ],
)
def test_only_the_cursor_is_left_out_of_the_group_key(one: str, other: str, same: bool) -> None:
    head = "subscription ($c: String) "
    asked = [
        OperationKey.of(head + text, None, {"c": str(number)} if "$c" in text else {}, ["en"])
        for number, text in enumerate((one, other))
    ]
    assert (asked[0] == asked[1]) is same
