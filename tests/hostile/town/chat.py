"""Grows the demo data's conversations to 200,000 messages, half of them of one vendor."""

from sqlalchemy import text

from core.database import Database
from core.text.search_text import searchable

CONVERSATIONS, MESSAGES = 10_000, 20  # messages of each
STATEMENTS = (
    # Customers and vendors needn't be there.
    "SET LOCAL session_replication_role = replica",
    """CREATE TEMPORARY TABLE busiest ON COMMIT DROP AS
        SELECT vendor_id FROM conversation GROUP BY vendor_id ORDER BY count(*) DESC LIMIT 1""",
    """INSERT INTO conversation (
        id, created_at, user_id, vendor_id, state, last_sequence, user_messages, last_message_at,
        user_read, user_delivered, vendor_read, vendor_delivered
    ) SELECT gen_random_uuid(), at, gen_random_uuid(),
        CASE WHEN number % 2 = 0 THEN vendor_id ELSE gen_random_uuid() END,
        'OPEN', :messages, :messages, at, 0, 0, 0, 0
        FROM busiest, generate_series(1, :conversations) AS number,
            LATERAL (SELECT now() - number * interval '1 minute' AS at)""",
    """INSERT INTO message (
        id, created_at, conversation_id, sequence, side, sender_id, kind, text, client_message_id,
        user_messages, search_text
    ) SELECT gen_random_uuid(), last_message_at - (:messages - sequence) * interval '1 second',
        conversation.id, sequence, 'USER', user_id, 'TEXT', texts[place] || ' ' || sequence,
        sequence, sequence,
        concat('user:', user_id, ' vendor:', vendor_id, ' ', terms[place], ' ', sequence)
        FROM conversation, generate_series(1, :messages) AS sequence,
            LATERAL (SELECT abs(hashtext(concat(conversation.id, sequence)))
                % cardinality(CAST(:texts AS text[])) + 1 AS place),
            (SELECT CAST(:texts AS text[]) AS texts, CAST(:terms AS text[]) AS terms) AS given
        WHERE user_id NOT IN (SELECT id FROM "user")""",
)


async def grow_chat(database: Database) -> None:
    async with database.engine.begin() as connection:
        found = await connection.execute(text("SELECT DISTINCT text FROM message WHERE text <> ''"))
        texts = sorted(found.scalars())
        given = {
            "texts": texts,
            "terms": [searchable(one) for one in texts],
            "conversations": CONVERSATIONS,
            "messages": MESSAGES,
        }
        for statement in STATEMENTS:
            named = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), named)
    async with database.engine.connect() as connection:
        vacuumed = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await vacuumed.execute(text("VACUUM ANALYZE conversation, message"))
