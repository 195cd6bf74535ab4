"""Asking for what is one's own takes no longer for all that others say to each other."""

import re

import pytest
from sqlalchemy import text

from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.resolvers.counting import plans

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
}
SCANS = re.compile(r"Seq Scan on (?:conversation|message|inbox|inbox_reader)\b")


@pytest.mark.parametrize("asked", QUERIES)
async def test_nobody_reads_what_others_say(world: World, api: Client, asked: str) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    async with world.database.session() as session, session.begin():
        for statement in TALK:
            given = {"others": OTHERS} if ":others" in statement else {}
            await session.execute(text(statement), given)
    for user in (chat.customer, chat.member):
        plan = await plans(world.database, api.signed_in(user), QUERIES[asked])
        assert "Scan" in plan
        assert not SCANS.search(plan), plan
