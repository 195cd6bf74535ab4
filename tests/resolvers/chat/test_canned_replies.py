"""A vendor's canned replies, for its members."""

import pytest

from models.members import Permission, roles_with
from models.vendors import MemberRole
from tests.client import Client, gid
from tests.factories.chat import canned_replies
from tests.factories.vendors import new_member
from tests.factories.world import World

LIST = """query ($id: ID!, $starting: String) {
  vendor(id: $id) { cannedReplies(startingWith: $starting) { title text vendor { name } } }
}"""


async def titles(client: Client, id: str, starting: str | None = None) -> list[str]:
    found = await client.ask(LIST, id=id, starting=starting)
    return [reply["title"] for reply in found["vendor"]["cannedReplies"]]


@pytest.mark.parametrize("role", roles_with(Permission.CHAT))
async def test_canned_replies_for_each_member(world: World, api: Client, role: MemberRole) -> None:
    vendor = await world.vendor()
    await canned_replies(world, vendor, "Sorry", "Öffnungszeiten", "Opening hours")
    await canned_replies(world, await world.vendor(), "Of another")
    client = api.signed_in(await new_member(world, vendor, role))
    assert await titles(client, gid(vendor)) == ["Opening hours", "Sorry", "Öffnungszeiten"]


@pytest.mark.parametrize(
    ("starting", "found"),
    [
        ("o", ["Opening hours", "Öffnungszeiten"]),
        ("OPEN", ["Opening hours"]),
        ("hours", []),
        ("%", []),
        ("", ["Opening hours", "Sorry", "Öffnungszeiten"]),
    ],
)
async def test_canned_replies_by_how_their_title_begins(
    world: World, api: Client, starting: str, found: list[str]
) -> None:
    vendor = await world.vendor()
    await canned_replies(world, vendor, "Sorry", "Öffnungszeiten", "Opening hours")
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    assert await titles(client, gid(vendor), starting) == found


async def test_canned_replies_by_an_impossible_prefix(world: World, api: Client) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    failed = await client.failed(LIST, id=gid(vendor), starting="x" * 81)
    assert failed == ["BAD_USER_INPUT"]


async def test_canned_replies_for_others(world: World, api: Client) -> None:
    owner, customer = await world.user(), await world.user()
    vendor = await world.vendor()
    await canned_replies(world, vendor, "Thanks")
    await world.vendor(owner)
    await world.voucher(await world.offer(vendor), customer)
    for user in (owner, customer, await world.admin()):
        assert await api.signed_in(user).failed(LIST, id=gid(vendor)) == ["FORBIDDEN"]
    assert await api.failed(LIST, id=gid(vendor)) == ["UNAUTHENTICATED"]
