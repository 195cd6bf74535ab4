"""Who may not follow, asked for many at once: what one of them may opens no door to another."""

from uuid import UUID

import pytest

from core.database import Database
from models.identity.accounts import User
from models.vendors import MemberRole
from services.subscription_access import outsiders, strangers, unacquainted
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World


@pytest.fixture
async def chat(world: World, api: Client) -> Chat:
    return await Chat.open(world, api)


def ids(*users: User) -> list[UUID]:
    return [user.id for user in users]


async def test_strangers_are_those_who_do_not_work_there(
    world: World, database: Database, chat: Chat
) -> None:
    stranger = await world.user()
    asked = ids(chat.member, chat.customer, stranger)
    async with database.session() as session:
        found = await strangers(session, chat.vendor.id, asked)
    assert set(found) == {chat.customer.id, stranger.id}


@pytest.mark.parametrize("reported", [False, True])
async def test_outsiders_are_those_who_take_no_part(
    world: World, api: Client, database: Database, chat: Chat, reported: bool
) -> None:
    """But for admins who follow as such, where a message was reported."""
    message = await chat.send(chat.customer)
    if reported:
        given = {"messageId": message["id"], "reason": "ABUSE"}
        assert await api.signed_in(chat.member).refused("reportMessage", given) == []
    stranger, admin = await world.user(), await world.admin()
    conversation_id = (await chat.row()).id
    asked = ids(chat.member, chat.customer, stranger, admin)
    async with database.session() as session:
        for admins in (False, True):
            found = await outsiders(session, conversation_id, asked, admins=admins)
            may_read_along = {admin.id} if admins and reported else set()
            assert set(found) == {stranger.id, admin.id} - may_read_along


async def test_unacquainted_are_those_who_share_no_conversation_with_all_of_them(
    world: World, database: Database, chat: Chat
) -> None:
    colleague, stranger = await world.user(), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    asked = ids(chat.member, colleague, stranger)
    async with database.session() as session:
        known = await unacquainted(session, ids(chat.customer, chat.member, colleague), asked)
        assert set(known) == {stranger.id}
        with_stranger = await unacquainted(session, ids(chat.member, stranger), asked)
        assert set(with_stranger) == {chat.member.id, colleague.id, stranger.id}
