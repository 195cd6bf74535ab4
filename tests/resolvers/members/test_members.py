"""The members of a vendor, visible to its members and admins."""

from datetime import timedelta

import pytest

from core.clock import now
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.emails import email_of
from tests.factories.vendors import new_member
from tests.factories.world import World

LIST = """query ($id: ID!, $first: Int, $after: String) {
  vendor(id: $id) { members(first: $first, after: $after) {
    totalCount nodes { role user { id name email } } pageInfo { hasNextPage endCursor }
  } }
}"""


@pytest.mark.parametrize("role", [MemberRole.OWNER, MemberRole.MANAGER, MemberRole.STAFF])
async def test_vendor_members_for_each_of_them(world: World, api: Client, role: MemberRole) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    await world.vendor(await world.user())
    member = await new_member(world, vendor, role)
    found = (await api.signed_in(member).ask(LIST, id=gid(vendor)))["vendor"]["members"]
    people = [(owner, "OWNER", None), (member, role, email_of(member))]
    assert found["totalCount"] == 2
    assert found["nodes"] == [
        {"role": role, "user": {"id": gid(one), "name": one.name, "email": email}}
        for one, role, email in people
    ]


async def test_vendor_members_in_pages(world: World, api: Client) -> None:
    owner, moment = await world.user(), now()
    vendor, ids = await world.vendor(owner), [gid(owner)]
    for minutes in range(1, 6):
        user = await world.user()
        ids.append(gid(user))
        joined = moment + timedelta(minutes=minutes)
        await world.save(
            VendorMember(
                vendor_id=vendor.id, user_id=user.id, role=MemberRole.STAFF, created_at=joined
            )
        )
    seen: list[str] = []
    cursor = None
    while len(seen) < len(ids):
        found = await api.signed_in(owner).ask(LIST, id=gid(vendor), first=2, after=cursor)
        page = found["vendor"]["members"]
        seen += [node["user"]["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"] is (len(seen) < len(ids))
    assert seen == ids


async def test_vendor_members_for_others(world: World, api: Client) -> None:
    owner, rival = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    await world.vendor(rival)
    scanner = await new_member(world, vendor, MemberRole.SCANNER)
    for user in (rival, scanner, await world.user()):
        assert await api.signed_in(user).failed(LIST, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(LIST, id=gid(vendor)) == ["UNAUTHENTICATED"]
    admin = api.signed_in(await world.admin())
    shown = (await admin.ask(LIST, id=gid(vendor)))["vendor"]["members"]
    assert [one["user"]["id"] for one in shown["nodes"]] == [gid(owner), gid(scanner)]
