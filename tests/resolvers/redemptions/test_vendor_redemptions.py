"""A vendor's redemption attempts, visible to its members."""

from datetime import timedelta

import pytest

from core.clock import now
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.world import World
from tests.resolvers.paging import CONNECTION, walk

LIST = f"""query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {{
  vendor(id: $id) {{ redemptions(first: $first, after: $after, last: $last, before: $before) {{
    totalCount {CONNECTION} edges {{ cursor node {{ id reason voucher {{ id code }} }} }}
  }} }}
}}"""


@pytest.mark.parametrize("role", list(MemberRole))
async def test_vendor_redemptions_for_each_member(
    world: World, api: Client, role: MemberRole
) -> None:
    vendor, user = await world.vendor(), await world.user()
    await world.member(vendor, user, role)
    voucher = await world.voucher(await world.offer(vendor), await world.user())
    attempt = await world.redemption(vendor, voucher)
    found = (await api.signed_in(user).ask(LIST, id=gid(vendor)))["vendor"]["redemptions"]
    assert found["totalCount"] == 1
    assert found["edges"][0]["node"] == {
        "id": gid(attempt),
        "reason": "EXPIRED",
        "voucher": {"id": gid(voucher), "code": None},
    }


async def test_vendor_redemptions_for_an_admin(world: World, api: Client) -> None:
    vendor = await world.vendor()
    found = await api.signed_in(await world.admin()).ask(LIST, id=gid(vendor))
    assert found["vendor"]["redemptions"]["nodes"] == []


async def test_vendor_redemptions_for_others(world: World, api: Client) -> None:
    owner, customer = await world.user(), await world.user()
    vendor = await world.vendor()
    await world.vendor(owner)
    voucher = await world.voucher(await world.offer(vendor), customer)
    await world.redemption(vendor, voucher)
    for user in (owner, customer):
        assert await api.signed_in(user).failed(LIST, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(LIST, id=gid(vendor)) == ["UNAUTHENTICATED"]


async def test_vendor_redemptions_of_anothers_voucher_do_not_show_it(
    world: World, api: Client
) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    foreign = await world.voucher(await world.offer(await world.vendor()), await world.user())
    await world.redemption(vendor, foreign, reason="OTHER_VENDOR")
    found = (await api.signed_in(owner).ask(LIST, id=gid(vendor)))["vendor"]["redemptions"]
    assert found["edges"][0]["node"]["voucher"] is None


async def test_vendor_redemptions_in_pages_both_ways(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    voucher = await world.voucher(await world.offer(vendor), await world.user())
    moment = now()
    attempts = [
        await world.redemption(vendor, voucher, created_at=moment - timedelta(minutes=age // 2))
        for age in range(7)
    ]
    latest = sorted(attempts, key=lambda row: (row.created_at, row.id), reverse=True)
    client, ids = api.signed_in(owner), [gid(row) for row in latest]
    assert await walk(client, LIST, "vendor.redemptions", id=gid(vendor), first=3) == ids
    assert await walk(client, LIST, "vendor.redemptions", id=gid(vendor), last=3) == ids
