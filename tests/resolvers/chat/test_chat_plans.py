"""Queries of a user's own conversations use indexes, however many others there are."""

import re

import pytest
from sqlalchemy import text

from core.database import Database
from models.members import Permission
from services.subscription_access import non_contacts, non_members, non_participants
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.counting import captured, explain, plans

OTHERS = 5_000
TALK = [
    "SET LOCAL session_replication_role = replica",  # of users and vendors that needn't be there
    """INSERT INTO conversation (
        id, created_at, user_id, vendor_id, state, last_sequence, user_messages, last_message_at,
        user_read, user_delivered, vendor_read, vendor_delivered
    ) SELECT gen_random_uuid(), now(), gen_random_uuid(), gen_random_uuid(), 'OPEN', 1, 1, now(),
        0, 0, 0, 0 FROM generate_series(1, :others)""",
    """INSERT INTO message (
        id, created_at, conversation_id, sequence, side, sender_id, kind, text, client_message_id,
        user_messages
    ) SELECT gen_random_uuid(), now(), id, 1, 'USER', user_id, 'TEXT', 'hello', 'one', 1
        FROM conversation WHERE last_sequence = 1""",
    """INSERT INTO inbox (owner_id, received)
        SELECT vendor_id, 1 FROM conversation WHERE last_sequence = 1""",
    """INSERT INTO inbox_reader (owner_id, user_id, read)
        SELECT vendor_id, gen_random_uuid(), 1 FROM conversation WHERE last_sequence = 1""",
    "ANALYZE conversation, message, inbox, inbox_reader",
]
QUERIES = {
    "conversations": "{ viewer { conversations { totalCount nodes { id } } } }",
    "search": '{ viewer { messages(search: "hello") { totalCount nodes { id } } } }',
    "unread": "{ viewer { unreadMessages } }",
    "person": "query Q($id: ID!) { node(id: $id) { id } }",
}
SCANS = re.compile(r"Seq Scan on (?:conversation|message|inbox|inbox_reader)\b")


@pytest.mark.parametrize("asked", QUERIES)
async def test_queries_read_no_conversations_of_others(
    world: World, superuser: Database, api: Client, asked: str
) -> None:
    chat = await open_beside_others(world, superuser, api)
    for user, other in ((chat.customer, chat.member), (chat.member, chat.customer)):
        given = {"id": gid(other)} if "$id" in QUERIES[asked] else {}
        plan = await plans(world.database, api.signed_in(user), QUERIES[asked], **given)
        assert "Scan" in plan
        assert not SCANS.search(plan), plan


async def test_access_checks_of_subscriptions_read_no_conversations_of_others(
    world: World, superuser: Database, api: Client
) -> None:
    chat = await open_beside_others(world, superuser, api)
    conversation_id = (await chat.row()).id
    users = [chat.customer.id, chat.member.id, (await world.user()).id]
    with captured() as sent:
        reads = world.database.shared
        await non_members(reads, chat.vendor.id, Permission.REDEEM, users)
        for admins in (False, True):
            await non_participants(reads, conversation_id, users, admins=admins)
        await non_contacts(reads, users, users)
    plan = await explain(world.database, sent)
    assert "Scan" in plan
    assert not SCANS.search(plan), plan


async def open_beside_others(world: World, superuser: Database, api: Client) -> Chat:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    async with superuser.session() as session, session.begin():
        for statement in TALK:
            given = {"others": OTHERS} if ":others" in statement else {}
            await session.execute(text(statement), given)
    return chat
