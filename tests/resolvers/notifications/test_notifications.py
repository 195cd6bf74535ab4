"""The notifications that users receive, and how many are unread."""

from datetime import timedelta

from sqlalchemy import text

from core.clock import now
from core.database import Database
from models.identity.accounts import User
from models.notifications.inbox import Notification
from tests.client import Client, gid, unknown
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.paging import CONNECTION, walk

PAGE = f"""query ($first: Int, $after: String, $last: Int, $before: String) {{ viewer {{
  notifications(first: $first, after: $after, last: $last, before: $before) {{
    totalCount unreadCount {CONNECTION}
  }}
}} }}"""
NOTIFICATIONS = """{ viewer { notifications { unreadCount nodes {
  id kind count readAt subject { __typename id ... on Voucher { state } }
} } } }"""


async def create_notifications(world: World, user: User, number: int) -> list[Notification]:
    """Create notifications, and return them latest first."""
    ages = [now() - timedelta(hours=age) for age in range(number)]
    return [await world.notification(user, created_at=age) for age in ages]


async def unread(client: Client) -> int:
    count: int = (await client.ask(PAGE))["viewer"]["notifications"]["unreadCount"]
    return count


async def test_notifications_include_a_redeemed_voucher(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    voucher = await till.voucher()
    await till.redeem(api, token=voucher.token)
    listed = (await api.signed_in(till.customer).ask(NOTIFICATIONS))["viewer"]["notifications"]
    (node,) = listed["nodes"]
    assert listed["unreadCount"] == 1
    assert node["subject"] == {"__typename": "Voucher", "id": gid(voucher), "state": "REDEEMED"}
    assert (node["kind"], node["count"], node["readAt"]) == ("VOUCHER_REDEEMED", 1, None)
    topics = {topic for topic, _, kind in await world.journal() if kind == "notification.made"}
    assert topics == {f"user:{till.customer.id}"}
    await check_invariants(world.database)


async def test_notifications_in_pages_both_ways(world: World, api: Client) -> None:
    user = await world.user()
    ids = [gid(one) for one in await create_notifications(world, user, 7)]
    await create_notifications(world, await world.user(), 3)
    client = api.signed_in(user)
    assert await walk(client, PAGE, "viewer.notifications", first=3) == ids
    assert await walk(client, PAGE, "viewer.notifications", last=3) == ids
    listed = (await client.ask(PAGE))["viewer"]["notifications"]
    assert (listed["totalCount"], listed["unreadCount"]) == (7, 7)


async def test_notifications_of_a_new_user(world: World, api: Client) -> None:
    assert await unread(api.signed_in(await world.user())) == 0


async def test_mark_notifications_read_up_to_one(world: World, api: Client) -> None:
    user = await world.user()
    latest, *before = await create_notifications(world, user, 5)
    client = api.signed_in(user)
    for _ in range(2):
        done = await client.do("markNotificationsRead", {"upTo": gid(before[0])}, "unreadCount")
        assert done == {"unreadCount": 1, "errors": []}
    assert await unread(client) == 1
    assert (await world.fresh(latest)).read_at is None
    assert all([(await world.fresh(one)).read_at for one in before])
    assert [kind for _, _, kind in await world.journal()] == ["notification.read"]
    await check_invariants(world.database)


async def test_mark_notifications_read_of_others(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    (mine,), (theirs,) = (
        await create_notifications(world, user, 1),
        await create_notifications(world, other, 1),
    )
    client = api.signed_in(user)
    for id in (gid(theirs), unknown("Notification")):
        assert await client.refusal_codes("markNotificationsRead", {"upTo": id}) == ["NOT_FOUND"]
    admin = api.signed_in(await world.admin())
    assert await admin.refusal_codes("markNotificationsRead", {"upTo": gid(mine)}) == ["NOT_FOUND"]
    failed = await api.mutation_failed("markNotificationsRead", {"upTo": gid(mine)})
    assert failed == ["UNAUTHENTICATED"]
    await client.do("markNotificationsRead", {"upTo": gid(mine)})
    assert await unread(api.signed_in(other)) == 1


async def test_mark_notifications_read_by_an_id_of_another_kind(world: World, api: Client) -> None:
    client = api.signed_in(await world.user())
    failed = await client.mutation_failed("markNotificationsRead", {"upTo": unknown("Voucher")})
    assert failed == ["BAD_USER_INPUT"]


async def test_mark_notifications_read_with_a_counter_that_drifted(
    world: World, api: Client, database: Database
) -> None:
    user = await world.user()
    (newest,) = await create_notifications(world, user, 1)
    async with database.session() as session, session.begin():
        await session.execute(text("UPDATE notification_inbox SET unread = 0"))
    client = api.signed_in(user)
    input = {"upTo": gid(newest)}
    assert await client.refusal_codes("markNotificationsRead", input) == []
    assert await unread(client) == 0
