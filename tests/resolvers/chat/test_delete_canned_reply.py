"""Canned replies, deleted."""

import pytest

from core.database import Database
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import canned_replies
from tests.factories.vendors import new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.chat.test_save_canned_reply import OUTSIDERS


async def test_delete_canned_reply(world: World, api: Client, database: Database) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    thanks, sorry = await canned_replies(world, vendor, "Thanks", "Sorry")
    given = {"cannedReplyId": gid(thanks)}
    payload = await client.do("deleteCannedReply", given, "deletedId")
    assert payload == {"deletedId": gid(thanks), "errors": []}
    assert await world.fresh(thanks) is None
    assert await world.fresh(sorry)
    assert await client.refusal_codes("deleteCannedReply", given) == ["NOT_FOUND"]
    await check_invariants(database)


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_delete_canned_reply_without_permission(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor()
    (reply,) = await canned_replies(world, vendor, "Thanks")
    client = api.signed_in(await outsider(world, vendor, kind))
    for id in (gid(reply), unknown("CannedReply")):
        assert await client.refusal_codes("deleteCannedReply", {"cannedReplyId": id}) == [
            "NOT_FOUND"
        ]
    assert await world.fresh(reply)


async def test_delete_canned_reply_as_anonymous_reveals_nothing(world: World, api: Client) -> None:
    (reply,) = await canned_replies(world, await world.vendor(), "Thanks")
    for id in (gid(reply), unknown("CannedReply")):
        failed = await api.mutation_failed("deleteCannedReply", {"cannedReplyId": id})
        assert failed == ["UNAUTHENTICATED"]
