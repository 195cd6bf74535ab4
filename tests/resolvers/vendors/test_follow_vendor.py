"""Following vendors."""

from models.vendors import VendorStatus
from tests.client import Client, gid, unknown
from tests.factories.world import World

FOLLOWED = """{
  vendors(where: {followedByMe: true}) { totalCount nodes { id followedByMe } }
  found: vendors(search: "Vendor", where: {followedByMe: true}) { nodes { id } }
}"""


async def test_follow_and_unfollow_a_vendor(world: World, api: Client) -> None:
    client, other = api.signed_in(await world.user()), api.signed_in(await world.user())
    vendor, _ = await world.vendor(), await world.vendor()
    given, shown = {"vendorId": gid(vendor)}, "vendor { id followedByMe }"
    for _ in range(2):
        followed = await client.do("followVendor", given, shown)
        assert followed["vendor"] == {"id": gid(vendor), "followedByMe": True}
    mine = await client.ask(FOLLOWED)
    assert mine["vendors"] == {"totalCount": 1, "nodes": [followed["vendor"]]}
    assert mine["found"] == {"nodes": [{"id": gid(vendor)}]}
    assert (await other.ask(FOLLOWED))["vendors"]["nodes"] == []
    assert await other.refusal_codes("unfollowVendor", given) == []
    assert (await client.ask(FOLLOWED))["vendors"]["totalCount"] == 1
    for _ in range(2):
        unfollowed = await client.do("unfollowVendor", given, shown)
        assert unfollowed["vendor"]["followedByMe"] is False
    assert (await client.ask(FOLLOWED))["vendors"]["nodes"] == []


async def test_a_suspended_vendor_is_not_among_those_followed(world: World, api: Client) -> None:
    client, vendor = api.signed_in(await world.user()), await world.vendor()
    assert await client.refusal_codes("followVendor", {"vendorId": gid(vendor)}) == []
    vendor.status = VendorStatus.SUSPENDED
    await world.save(vendor)
    assert (await client.ask(FOLLOWED))["vendors"]["nodes"] == []
    for id in (gid(vendor), unknown("Vendor")):
        for name in ("followVendor", "unfollowVendor"):
            assert await client.refusal_codes(name, {"vendorId": id}) == ["NOT_FOUND"]


async def test_follow_vendor_as_anonymous(world: World, api: Client) -> None:
    given = {"vendorId": gid(await world.vendor())}
    for name in ("followVendor", "unfollowVendor"):
        assert await api.mutation_failed(name, given) == ["UNAUTHENTICATED"]
    assert await api.failed(FOLLOWED) == ["UNAUTHENTICATED"]
