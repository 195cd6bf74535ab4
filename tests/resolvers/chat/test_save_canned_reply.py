"""Texts that a vendor's members send often, kept and changed."""

from typing import Any

import pytest

from core.database import Database
from models.chat.canned_replies import MAX_CANNED_REPLIES, CannedReply
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import canned_input, canned_replies
from tests.factories.vendors import new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants

REPLY = "cannedReply { id title text vendor { name } }"
OUTSIDERS = ["a stranger", "a customer", "SCANNER", "another vendor's owner", "an admin"]


async def test_save_canned_reply_that_is_new(world: World, api: Client) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    given = canned_input(vendor, title=" Thanks ", text=" Thank you. ")
    payload = await client.do("saveCannedReply", given, REPLY)
    saved = payload["cannedReply"]
    assert payload["errors"] == []
    assert (saved["title"], saved["text"]) == ("Thanks", "Thank you.")
    assert saved["vendor"] == {"name": vendor.name}


async def test_save_canned_reply_that_is_there(
    world: World, api: Client, database: Database
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    reply, _ = await canned_replies(world, vendor, "Thanks", "Sorry")
    given = canned_input(vendor, cannedReplyId=gid(reply), title="Many thanks", text="So kind.")
    payload = await client.do("saveCannedReply", given, REPLY)
    assert payload["cannedReply"]["id"] == gid(reply)
    changed = await world.fresh(reply)
    assert (changed.title, changed.text) == ("Many thanks", "So kind.")
    await check_invariants(database)


async def test_save_canned_reply_under_a_title_that_is_taken(world: World, api: Client) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    thanks, sorry = await canned_replies(world, vendor, "Thanks", "Sorry")
    taken = ["CANNED_REPLY_TITLE_TAKEN"]
    assert await client.refusal_codes("saveCannedReply", canned_input(vendor)) == taken
    changed = canned_input(vendor, cannedReplyId=gid(sorry))
    assert await client.refusal_codes("saveCannedReply", changed) == taken
    same = canned_input(vendor, cannedReplyId=gid(thanks))
    assert await client.refusal_codes("saveCannedReply", same) == []


async def test_save_canned_reply_of_a_title_that_another_vendor_has(
    world: World, api: Client
) -> None:
    vendor = await world.vendor()
    await canned_replies(world, await world.vendor(), "Thanks")
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    assert await client.refusal_codes("saveCannedReply", canned_input(vendor)) == []


async def test_save_canned_reply_past_a_hundred(
    world: World, api: Client, database: Database
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    reply, *_ = await canned_replies(
        world, vendor, *(f"Title {n}" for n in range(MAX_CANNED_REPLIES - 1))
    )
    assert await client.refusal_codes("saveCannedReply", canned_input(vendor)) == []
    more = canned_input(vendor, title="One more")
    assert await client.refusal_codes("saveCannedReply", more) == ["CANNED_REPLY_LIMIT_REACHED"]
    changed = more | {"cannedReplyId": gid(reply)}
    assert await client.refusal_codes("saveCannedReply", changed) == []
    await check_invariants(database)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, ["title"]),
        ({"title": "x" * 81}, ["title"]),
        ({"text": " "}, ["text"]),
        ({"text": "x" * 4001}, ["text"]),
    ],
)
async def test_save_canned_reply_with_bad_input(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    payload = await client.do("saveCannedReply", canned_input(vendor, **changes), REPLY)
    (error,) = payload["errors"]
    assert (error["code"], error["field"]) == ("INVALID_INPUT", field)
    assert payload["cannedReply"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"vendorId": unknown("Offer")},
        {"cannedReplyId": unknown("Vendor")},
        {"cannedReplyId": "garbage"},
        {"text": "Thank\x00you"},
    ],
    ids=str,
)
async def test_save_canned_reply_with_invalid_input(
    world: World, api: Client, changes: dict[str, Any]
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    given = canned_input(vendor, **changes)
    assert await client.mutation_failed("saveCannedReply", given) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_save_canned_reply_without_permission(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor()
    (reply,) = await canned_replies(world, vendor, "Sorry")
    client = api.signed_in(await outsider(world, vendor, kind))
    for given in (canned_input(vendor), canned_input(vendor, cannedReplyId=gid(reply))):
        assert await client.refusal_codes("saveCannedReply", given) == ["NOT_FOUND"]
    assert (await world.fresh(reply)).title == "Sorry"


async def test_save_canned_reply_of_another_vendor(world: World, api: Client) -> None:
    owner = await world.user()
    vendor, other = await world.vendor(owner), await world.vendor()
    (reply,) = await canned_replies(world, other, "Sorry")
    client = api.signed_in(owner)
    for id in (gid(reply), unknown("CannedReply")):
        given = canned_input(vendor, cannedReplyId=id)
        (error,) = (await client.do("saveCannedReply", given))["errors"]
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["cannedReplyId"])
    kept: CannedReply = await world.fresh(reply)
    assert kept.title == "Sorry"


async def test_save_canned_reply_as_anonymous(world: World, api: Client) -> None:
    vendor = await world.vendor()
    for given in (canned_input(vendor), canned_input(vendor, vendorId=unknown("Vendor"))):
        assert await api.mutation_failed("saveCannedReply", given) == ["UNAUTHENTICATED"]
