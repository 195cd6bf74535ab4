"""Equal subscriptions share one journal read, one execution and one encoding."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text

from core.settings import Settings
from engine.live.execution import SharedViewer, ViewerDependent
from engine.live.operation_key import OperationKey
from models.identity.accounts import User
from models.vendors import MemberRole
from services.viewer import Viewer
from subscriptions.redemptions import VendorRedemptionsSource
from tests.client import gid
from tests.factories.world import World
from tests.subscriptions.conftest import AT_THE_TILL, OF_A_VOUCHER, Shop
from tests.subscriptions.counted import Counted
from tests.subscriptions.inside import Inside, inside
from tests.subscriptions.talking import Talker

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
async def server(settings: Settings) -> AsyncIterator[Inside]:
    async with inside(settings) as server:
        yield server


@dataclass
class Room:
    """A shop at a server in this process, and sockets that are closed at the end."""

    shop: Shop
    world: World
    server: Inside
    stack: AsyncExitStack

    async def member(self) -> User:
        user = await self.world.user()
        await self.world.member(self.shop.vendor, user, MemberRole.STAFF)
        return user

    async def follows(
        self,
        user: User | str,
        query: str = AT_THE_TILL,
        languages: str = "",
        **variables: Any,
    ) -> Talker:
        """Follow the till from now on, as a user or with the secret of a program."""
        token = user if isinstance(user, str) else self.shop.token(user)
        talker = await self.stack.enter_async_context(
            Talker.connected(self.server.url, token, languages)
        )
        here = {"vendorId": gid(self.shop.vendor), "after": await self.shop.cursor(self.shop.topic)}
        await talker.subscribe(query, here | variables)
        return talker

    async def live(self, subscribers: int) -> None:
        """Wait until so many subscribers are live."""
        async with asyncio.timeout(30):
            while self.server.endpoint.groups.stats().live != subscribers:  # noqa: ASYNC110 - there is nothing to wait on
                await asyncio.sleep(0.02)


@pytest.fixture
async def room(shop: Shop, world: World, server: Inside) -> AsyncIterator[Room]:
    http = httpx.AsyncClient(base_url=server.url, timeout=20)
    async with AsyncExitStack() as stack, http:
        yield Room(replace(shop, api=replace(shop.api, http=http)), world, server, stack)


@pytest.mark.parametrize("followers", [2, 50])
async def test_a_change_is_read_executed_and_encoded_once(room: Room, followers: int) -> None:
    talkers = [await room.follows(await room.member()) for _ in range(followers)]
    await room.live(followers)
    counted = Counted()
    ids = [await room.shop.present() for _ in range(3)]
    for talker in talkers:
        assert [(await talker.change())["redemption"]["id"] for _ in ids] == ids
    assert counted["haat_live_executions_total"] == 3
    assert counted["haat_live_entries_total"] == 3
    assert counted["haat_live_messages_total"] == 3 * followers
    assert 1 <= counted["haat_journal_reads_total"] <= 6, "the sweep may look once more at each"
    (group,) = room.server.endpoint.groups.groups
    assert len(group.subscribers) == followers


async def test_followers_of_two_audiences_never_share(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def each(_: VendorRedemptionsSource, viewer: Viewer) -> Hashable:
        return viewer.user_id

    monkeypatch.setattr(VendorRedemptionsSource, "audience", each)
    talkers = [await room.follows(await room.member()) for _ in range(2)]
    await room.live(2)
    counted = Counted()
    await room.shop.present()
    for talker in talkers:
        await talker.change()
    assert counted["haat_live_executions_total"] == 2
    assert counted["haat_live_entries_total"] == 1


async def test_where_each_resumes_makes_no_difference(room: Room) -> None:
    """Neither as a variable nor in the text; a subscriber that is behind gets the same changes."""
    start = await room.shop.cursor(room.shop.topic)
    early = await room.shop.present()
    literal = AT_THE_TILL.replace("after: $after", f'after: "{start}"')
    literal = literal.replace(", $after: String", "")
    talkers = [
        await room.follows(await room.member()),
        await room.follows(await room.member(), after=start),
        await room.follows(await room.member(), after=None),
        await room.follows(await room.member(), literal),
    ]
    await room.live(4)
    counted = Counted()
    late = await room.shop.present()
    told = [[(await talkers[1].change())["redemption"]["id"] for _ in range(2)]]
    told.append([(await talkers[3].change())["redemption"]["id"] for _ in range(2)])
    assert told == [[early, late]] * 2
    for talker in (talkers[0], talkers[2]):
        assert (await talker.change())["redemption"]["id"] == late
    assert counted["haat_live_executions_total"] == 2, "the literal one has other definitions"


async def test_who_asks_or_reads_otherwise_is_told_apart(room: Room) -> None:
    member = await room.member()
    talkers = [
        await room.follows(member),
        await room.follows(member, languages="de"),
        await room.follows(member, AT_THE_TILL.replace("outcome", "")),
    ]
    await room.live(3)
    counted = Counted()
    await room.shop.present()
    for talker in talkers:
        await talker.change()
    assert counted["haat_live_executions_total"] == 3


async def test_what_asks_who_reads_it_is_executed_for_each_viewer(room: Room) -> None:
    """Two sockets of one viewer still share."""
    shop = room.shop
    await room.world.member(shop.vendor, shop.customer, MemberRole.STAFF)
    talkers = [
        await room.follows(user, FOR_EACH) for user in (shop.owner, shop.customer, shop.customer)
    ]
    await room.live(3)
    for state in ("REDEEMED", "REDEEMED"):
        await shop.redeem()
        told = [(await talker.change())["redemption"]["voucher"] for talker in talkers]
        codes = [None, shop.voucher.code, shop.voucher.code]
        assert [one["code"] for one in told] == codes
        assert {one["state"] for one in told} == {state}
    await room.live(3)
    counted = Counted()
    await shop.redeem()
    for talker in talkers:
        await talker.change()
    assert counted["haat_live_executions_total"] == 2


async def test_a_program_is_not_told_what_its_user_is(room: Room) -> None:
    """Where the group depends on the viewer, an API token is separate from its user."""
    _, secret = await room.world.api_token(room.shop.owner)
    talkers = [await room.follows(who, OF_ACCOUNTS) for who in (room.shop.owner, secret)]
    for _ in range(2):
        await room.shop.present()
        seen = []
        for talker in talkers:
            (member,) = (await talker.change())["redemption"]["vendor"]["members"]["nodes"]
            seen.append(member["user"]["apiTokens"]["totalCount"])
        assert seen == [1, 0]


async def test_the_devices_of_an_owner_share(room: Room) -> None:
    shop = room.shop
    start = {"voucherId": gid(shop.voucher), "after": await shop.cursor(shop.customer_topic)}
    talkers = [await room.follows(shop.customer, OF_A_VOUCHER, **start) for _ in range(3)]
    await room.live(3)
    counted = Counted()
    await shop.redeem()
    for talker in talkers:
        assert (await talker.change())["voucher"]["state"] == "REDEEMED"
    assert counted["haat_live_executions_total"] == 1


async def test_a_right_that_is_withdrawn_ends_the_stream_at_the_next_change(room: Room) -> None:
    """One query asks for all of them; the others go on."""
    members = [await room.member() for _ in range(10)]
    talkers = [await room.follows(member) for member in members]
    await room.live(10)
    async with room.shop.database.session() as session, session.begin():
        gone = {"ids": [member.id for member in members[:4]]}
        await session.execute(text("DELETE FROM vendor_member WHERE user_id = ANY(:ids)"), gone)
    asked: list[str] = []

    def see(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "unnest" in statement and "vendor_member" in statement:
            asked.append(statement)

    engine = room.server.app.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", see)
    await room.shop.present()
    for talker in talkers[:4]:
        told = await talker.heard()
        assert told["payload"]["data"] is None
        assert told["payload"]["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert await talker.heard() == {"id": "1", "type": "complete"}
    for talker in talkers[4:]:
        await talker.change()
    event.remove(engine, "before_cursor_execute", see)
    assert len(asked) == 1
    await room.live(6)


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
def test_only_where_it_resumes_is_left_out_of_what_is_asked(
    one: str, other: str, same: bool
) -> None:
    head = "subscription ($c: String) "
    asked = [
        OperationKey.of(head + text, None, {"c": str(number)} if "$c" in text else {}, ["en"])
        for number, text in enumerate((one, other))
    ]
    assert (asked[0] == asked[1]) is same
