"""The vocabulary of listed offers, which a job counts once a minute.

A trigger notes what an offer gains and loses, whatever changes its listing.
"""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.words import FILTER, keys_of

MAX_CHANGES = 1_000  # offers whose words are counted in a transaction

TAKE_CHANGES = text(
    """
    WITH taken AS (
        DELETE FROM term_delta WHERE id IN (
            SELECT id FROM term_delta ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
        ) RETURNING removed, added
    ), changes AS (
        SELECT unnest(tsvector_to_array(added)) AS lexeme, 1 AS number FROM taken
        UNION ALL SELECT unnest(tsvector_to_array(removed)), -1 FROM taken
    )
    SELECT lexeme, sum(number) AS number, (SELECT count(*) FROM taken) AS taken
    FROM changes WHERE NOT starts_with(lexeme, :filter)
    GROUP BY lexeme ORDER BY lexeme COLLATE "C"
    """
)
# Rows that are deleted, lowered and raised are different ones.
COUNT = text(
    """
    WITH changed AS (
        SELECT * FROM unnest(
            CAST(:words AS text[]), CAST(:latin AS text[]), CAST(:loose AS text[]),
            CAST(:numbers AS integer[])
        ) AS changed (word, latin, loose, number)
    ), gone AS (
        DELETE FROM term USING changed
        WHERE term.word = changed.word AND documents + number <= 0
    ), lowered AS (
        UPDATE term SET documents = documents + number FROM changed
        WHERE term.word = changed.word AND number < 0 AND documents + number > 0
    )
    INSERT INTO term AS known (word, latin, loose, documents)
    SELECT word, latin, loose, number FROM changed WHERE number > 0
    ON CONFLICT (word) DO UPDATE SET documents = known.documents + excluded.documents
    """
)


async def count_terms(session: AsyncSession) -> bool:
    """Count the words of a batch of changed listings. Returns whether there may be more."""
    rows = (await session.execute(TAKE_CHANGES, {"most": MAX_CHANGES, "filter": FILTER})).all()
    changed = [row for row in rows if row.number]
    keys = [keys_of(row.lexeme) for row in changed]
    given = {
        "words": [row.lexeme for row in changed],
        "latin": [latin for latin, _ in keys],
        "loose": [loose for _, loose in keys],
        "numbers": [row.number for row in changed],
    }
    await session.execute(COUNT, given)
    return bool(rows) and rows[0].taken == MAX_CHANGES
