"""The viewer and the data that belongs to them."""

from datetime import timedelta

import pytest
from sqlmodel import delete

from core.clock import now
from models.identity.accounts import UserSession
from models.redemptions import VoucherState
from models.vendors import MemberRole, VendorStatus
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.world import World
from tests.resolvers.paging import walk

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $state: VoucherState) {
  viewer { vouchers(
    first: $first, after: $after, last: $last, before: $before, state: $state
  ) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
}"""


async def test_viewer_is_null_for_anonymous(world: World, api: Client) -> None:
    assert await api.ask("{ viewer { id } }") == {"viewer": None}


async def test_viewer_is_the_signed_in_user(world: World, api: Client) -> None:
    user = await world.user()
    await world.user()
    asked = await api.signed_in(user).ask("{ viewer { id name email role vendors { id } } }")
    assert asked["viewer"] == {
        "id": gid(user),
        "name": user.name,
        "email": email_of(user),
        "role": "USER",
        "vendors": [],
    }


async def test_viewer_with_an_ended_token(world: World, api: Client) -> None:
    client = api.signed_in(await world.user(), minutes=-5)
    assert await client.failed("{ viewer { id } }") == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("token", ["garbage", "a.b.c"])
async def test_viewer_with_a_malformed_token(world: World, api: Client, token: str) -> None:
    assert await api.bearing(token).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]


async def test_viewer_with_a_vouchers_token(world: World, api: Client) -> None:
    voucher = await world.voucher(await world.offer(await world.vendor()), await world.user())
    assert await api.bearing(voucher.token).failed("{ viewer { id } }") == ["UNAUTHENTICATED"]


async def test_viewer_whose_account_is_gone(world: World, api: Client) -> None:
    user = await world.user()
    async with world.database.session() as session, session.begin():
        await session.exec(delete(UserSession))
        await session.delete(user)
    assert await api.signed_in(user).ask("{ viewer { id } }") == {"viewer": None}


async def test_viewer_sees_the_vendors_they_work_at_by_name(world: World, api: Client) -> None:
    user = await world.user()
    await world.vendor(await world.user(), name="Another's")
    await world.vendor(user, name="Zebra", status=VendorStatus.PENDING)
    await world.member(await world.vendor(name="Ant"), user, MemberRole.SCANNER)
    asked = await api.signed_in(user).ask("{ viewer { vendors { name viewerRole } } }")
    assert asked["viewer"]["vendors"] == [
        {"name": "Ant", "viewerRole": "SCANNER"},
        {"name": "Zebra", "viewerRole": "OWNER"},
    ]


async def test_viewer_vouchers_in_pages_both_ways(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    vouchers = []
    for age in range(7):
        offer = await world.offer(await world.vendor())
        created = now() - timedelta(hours=age)
        vouchers.append(gid(await world.voucher(offer, user, created_at=created)))
        await world.voucher(offer, other)
    client = api.signed_in(user)
    assert await walk(client, PAGE, "viewer.vouchers", first=3) == vouchers
    assert await walk(client, PAGE, "viewer.vouchers", last=3) == vouchers
    connection = (await client.ask(PAGE))["viewer"]["vouchers"]
    assert connection["totalCount"] == 7


async def test_viewer_vouchers_of_one_state(world: World, api: Client) -> None:
    user, vendor = await world.user(), await world.vendor()
    await world.voucher(await world.offer(vendor), user)
    expired = await world.voucher(await world.offer(vendor), user, state=VoucherState.EXPIRED)
    asked = await api.signed_in(user).ask(PAGE, state="EXPIRED")
    assert asked["viewer"]["vouchers"]["nodes"] == [{"id": gid(expired)}]
    assert asked["viewer"]["vouchers"]["totalCount"] == 1


@pytest.mark.parametrize(
    "page", [{"first": 101}, {"last": 101}, {"first": -1}, {"first": 1, "last": 1}, {"after": "x"}]
)
async def test_viewer_vouchers_of_a_page_there_cannot_be(
    world: World, api: Client, page: dict[str, int | str]
) -> None:
    client = api.signed_in(await world.user())
    assert await client.failed(PAGE, **page) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "query",
    [
        "{ viewer { id } }",
        "{ offers { nodes { likedByMe } } }",
        "{ vendors { nodes { viewerRole } } }",
    ],
)
async def test_a_bad_token_is_not_treated_as_anonymous(
    world: World, api: Client, query: str
) -> None:
    """Otherwise a signed-in user would see no likes and no roles."""
    await world.offer(await world.vendor())
    assert await api.failed(query) == []
    assert set(await api.bearing("nonsense").failed(query)) == {"UNAUTHENTICATED"}
