"""Batched access checks: the rights of one user in a batch do not authorize another one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

import pytest

from core.database import Database
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.members import Permission
from models.vendors import MemberRole
from services import subscription_access
from services.chat.conversations import visible_conversations
from services.identity.visibility import visible_users
from services.subscription_access import non_contacts, non_members, non_participants
from services.viewer import Viewer
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.emails import email_of
from tests.factories.world import World


@pytest.fixture
async def chat(world: World, api: Client) -> Chat:
    return await Chat.open(world, api)


def ids(*users: User) -> list[UUID]:
    return [user.id for user in users]


async def test_non_members_do_not_work_at_the_vendor(
    world: World, database: Database, chat: Chat
) -> None:
    stranger = await world.user()
    asked = ids(chat.member, chat.customer, stranger)
    found = await non_members(database.shared, chat.vendor.id, Permission.REDEEM, asked)
    assert set(found) == {chat.customer.id, stranger.id}


@pytest.mark.parametrize("reported", [False, True])
async def test_non_participants_take_no_part_in_the_conversation(
    world: World, api: Client, database: Database, chat: Chat, reported: bool
) -> None:
    """Admins may subscribe once a message was reported."""
    message = await chat.send(chat.customer)
    if reported:
        given = {"messageId": message["id"], "reason": "ABUSE"}
        assert await api.signed_in(chat.member).refusal_codes("reportMessage", given) == []
    stranger, admin = await world.user(), await world.admin()
    conversation_id = (await chat.row()).id
    asked = ids(chat.member, chat.customer, stranger, admin)
    for admins in (False, True):
        found = await non_participants(database.shared, conversation_id, asked, admins=admins)
        may_read_along = {admin.id} if admins and reported else set()
        assert set(found) == {stranger.id, admin.id} - may_read_along


async def test_non_contacts_share_no_conversation_with_every_one_of_the_people(
    world: World, database: Database, chat: Chat
) -> None:
    colleague, stranger = await world.user(), await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    asked = ids(chat.member, colleague, stranger)
    reads = database.shared
    known = await non_contacts(reads, ids(chat.customer, chat.member, colleague), asked)
    assert set(known) == {stranger.id}
    with_stranger = await non_contacts(reads, ids(chat.member, stranger), asked)
    assert set(with_stranger) == {chat.member.id, colleague.id, stranger.id}


@pytest.fixture
async def everyone(world: World, api: Client, chat: Chat) -> list[User]:
    """Create users in every relation to two chats: customers, members, admins, others."""
    other = await Chat.open(world, api)
    for one in (chat, other):
        await one.send(one.customer)
        await one.send(one.member)
    silent = await world.user()
    await world.member(chat.vendor, silent, MemberRole.STAFF)
    people = [chat.customer, chat.member, other.customer, other.member, silent]
    return [*people, await world.user(), await world.admin()]


async def test_a_batch_is_refused_the_same_as_each_user_alone(
    database: Database, chat: Chat, everyone: list[User]
) -> None:
    conversation_id, reads = (await chat.row()).id, database.shared
    checks: list[Callable[[list[UUID]], Awaitable[Collection[UUID]]]] = [
        lambda users: non_members(reads, chat.vendor.id, Permission.REDEEM, users),
        lambda users: non_participants(reads, conversation_id, users, admins=False),
        lambda users: non_participants(reads, conversation_id, users, admins=True),
        lambda users: non_contacts(reads, [chat.member.id], users),
        lambda users: non_contacts(reads, [chat.customer.id], users),
    ]
    for check in checks:
        alone = {id for user in everyone for id in await check([user.id])}
        assert set(await check(ids(*everyone))) == alone
        asked_together = await asyncio.gather(*(check([user.id]) for user in everyone))
        assert set().union(*asked_together) == alone
        assert alone
        assert alone != set(ids(*everyone))


@pytest.mark.parametrize("reported", [False, True])
async def test_access_to_changes_equals_access_to_the_conversation(
    api: Client, database: Database, chat: Chat, everyone: list[User], reported: bool
) -> None:
    if reported:
        message = await chat.send(chat.customer)
        given = {"messageId": message["id"], "reason": "ABUSE"}
        assert await api.signed_in(chat.member).refusal_codes("reportMessage", given) == []
    conversation_id = (await chat.row()).id
    refused = await non_participants(database.shared, conversation_id, ids(*everyone), admins=True)
    async with database.session() as session:
        for user in everyone:
            viewer = Viewer(user.id, admin=user.role == "ADMIN")
            rows = visible_conversations(viewer).where(Conversation.id == conversation_id)
            found = (await session.exec(rows)).first()
            assert (found is None) == (user.id in refused), email_of(user)


async def test_contacts_can_be_seen(database: Database, everyone: list[User]) -> None:
    async with database.session() as session:
        for person in everyone:
            refused = await non_contacts(database.shared, [person.id], ids(*everyone))
            for user in everyone:
                rows = visible_users(Viewer(user.id)).where(User.id == person.id)
                if user.id not in refused:
                    assert (await session.exec(rows)).first(), (
                        email_of(user),
                        email_of(person),
                    )


def test_a_check_lists_its_users_once() -> None:
    """A second `unnest()` of the users would not be correlated: any user would match it."""
    for question in (
        subscription_access._non_members(Permission.REDEEM),
        subscription_access._non_participants(admins=False),
        subscription_access._non_participants(admins=True),
        subscription_access._non_contacts(),
        subscription_access._non_owners(),
    ):
        assert question.statement.sql.count("unnest(") == 1
