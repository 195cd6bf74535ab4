"""Thirty members save a canned reply concurrently when one more is allowed."""

from collections import Counter
from itertools import cycle
from uuid import UUID

import pytest
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from models.chat.canned_replies import MAX_CANNED_REPLIES, CannedReply
from models.chat.hours import ChatHours
from models.vendors import MemberRole, Vendor
from services.chat import canned_replies as service
from tests.client import Client, gid
from tests.factories.chat import canned_input, canned_replies
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.races.crowd import at_once, tally
from tests.races.meeting import Meeting

PEOPLE = 30


async def rush(world: World, clients: list[Client]) -> tuple[Counter[str], int]:
    """Return the tally of thirty concurrent responses and the number of canned replies."""
    vendor = await world.vendor()
    await canned_replies(world, vendor, *(f"Title {n}" for n in range(MAX_CANNED_REPLIES - 1)))
    people = [await new_member(world, vendor, MemberRole.STAFF) for _ in range(PEOPLE)]
    answers = await at_once(
        client.signed_in(user).do("saveCannedReply", canned_input(vendor, title=f"Of {user.name}"))
        for client, user in zip(cycle(clients), people, strict=False)
    )
    return tally(answers), await kept(world, vendor)


async def kept(world: World, vendor: Vendor) -> int:
    async with world.database.session() as session:
        rows = select(func.count()).where(CannedReply.vendor_id == vendor.id)
        return (await session.exec(rows)).one()


async def test_the_last_place_is_taken_once(
    world: World, clients: list[Client], database: Database
) -> None:
    answers, replies = await rush(world, clients)
    assert answers == {"OK": 1, "CANNED_REPLY_LIMIT_REACHED": 29}
    assert replies == MAX_CANNED_REPLIES
    await check_invariants(database)


async def test_the_last_place_is_taken_twice_without_the_lock(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    async def unlocked(
        session: AsyncSession, table: type[ChatHours], *, vendor_id: UUID
    ) -> ChatHours:
        return await session.get_one(table, vendor_id)

    monkeypatch.setattr(service, "lock_or_create", Meeting().after(unlocked))
    answers, replies = await rush(world, [api])
    assert answers["OK"] > 1
    assert replies > MAX_CANNED_REPLIES
    with pytest.raises(AssertionError, match=r"chat_hours\.canned_replies differs from"):
        await check_invariants(database)


async def test_one_canned_reply_is_deleted_once(
    world: World, clients: list[Client], database: Database
) -> None:
    vendor = await world.vendor()
    (reply,) = await canned_replies(world, vendor, "Thanks")
    user = await new_member(world, vendor, MemberRole.STAFF)
    answers = await at_once(
        client.signed_in(user).do("deleteCannedReply", {"cannedReplyId": gid(reply)})
        for client, _ in zip(cycle(clients), range(10), strict=False)
    )
    assert tally(answers) == {"OK": 1, "NOT_FOUND": 9}
    await check_invariants(database)
