"""The least SQL that a sale takes, for pgbench: what the server adds to it is the difference.

Without idempotency keys, prices, limits of users, shared locks of the event and the journal. The
seats are those of the design: a row is locked, and the ends of its free run are counted again.
"""

from uuid import UUID

from benchmarks.load.numbering import USER, uuid_sql
from benchmarks.pgbench.script import PgbenchScript

HOLD, LINE, NO_ROW = 20, 21, UUID(int=0)
MAX_TICKETS = 4  # of a sale: 2.5 on average
MEAN_TICKETS = (1 + MAX_TICKETS) / 2
_HOLD = f"""
INSERT INTO ticket_hold (id, created_at, event_date_id, vendor_id, user_id, state, source, currency,
    revision, expires_at, hard_until)
SELECT {uuid_sql(HOLD, "number")}::uuid, now(), event_date.id, vendor_id,
    {uuid_sql(USER, "user")}::uuid, 'OPEN', 'PUBLIC', 'INR', 0, now() + interval '10 minutes',
    now() + interval '30 minutes'
FROM event_date WHERE id = :date_id::uuid;
"""  # noqa: S608 - of constants, as those below
_STANDING = rf"""
\set tickets 1 + (:number % {MAX_TICKETS})
BEGIN;
UPDATE ticket_quota SET taken = taken + :tickets
WHERE id = :quota_id::uuid AND taken + :tickets <= capacity;
{_HOLD}
INSERT INTO hold_line (id, created_at, hold_id, position, ticket_type_id, quantity, admits, price,
    quota_ids)
VALUES ({uuid_sql(LINE, "number")}::uuid, now(), {uuid_sql(HOLD, "number")}::uuid, 0,
    :type_id::uuid, :tickets, 1, 10000, ARRAY[:quota_id::uuid]);
INSERT INTO event_change (event_date_id, kind, ids, created_at)
VALUES (:date_id::uuid, 'QUOTAS', ARRAY[:quota_id::uuid], now());
COMMIT;
"""  # noqa: S608
_SEATED = rf"""
\set tickets 1 + (:number % {MAX_TICKETS})
BEGIN;
SELECT coalesce((
    SELECT row_id FROM seat_row
    WHERE event_date_id = :date_id::uuid
        AND sizes & ((1::bigint << :tickets) | (-1::bigint << (:tickets + 2))) <> 0
    ORDER BY rank, row_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), '{NO_ROW}') AS row_id \gset
{_HOLD}
WITH free AS (
    SELECT seat_id, pos, pos - row_number() OVER (ORDER BY pos) AS run
    FROM seat_place
    WHERE event_date_id = :date_id::uuid AND row_id = :row_id::uuid AND state = 'FREE'
), runs AS (
    SELECT run, min(pos)::int AS first, max(pos)::int AS last, count(*)::int AS size
    FROM free GROUP BY run
), best AS (
    SELECT run, first, last, size FROM runs
    WHERE size >= :tickets ORDER BY (size = :tickets + 1)::int, first LIMIT 1
), held AS (
    UPDATE seat_place SET state = 'HELD', hold_id = {uuid_sql(HOLD, "number")}::uuid,
        expires_at = now() + interval '10 minutes'
    FROM best
    WHERE event_date_id = :date_id::uuid AND row_id = :row_id::uuid
        AND pos BETWEEN first AND first + :tickets - 1
    RETURNING seat_id
), resized AS (
    UPDATE seat_row SET sizes = coalesce((
        SELECT bit_or(1::bigint << size) FROM (
            SELECT size FROM runs WHERE run NOT IN (SELECT run FROM best)
            UNION ALL SELECT size - :tickets FROM best WHERE size > :tickets
        ) AS rest
    ), 0)
    WHERE event_date_id = :date_id::uuid AND row_id = :row_id::uuid AND EXISTS (SELECT FROM best)
), changed AS (
    INSERT INTO event_change (event_date_id, kind, ids, created_at)
    SELECT :date_id::uuid, 'SEATS', array_agg(seat_id), now() FROM held HAVING count(*) > 0
)
INSERT INTO hold_line (id, created_at, hold_id, position, ticket_type_id, seat_id, quantity, admits,
    price, quota_ids)
SELECT gen_random_uuid(), now(), {uuid_sql(HOLD, "number")}::uuid, row_number() OVER () - 1,
    :type_id::uuid, seat_id, 1, 1, 10000, ARRAY[]::uuid[]
FROM held;
COMMIT;
"""  # noqa: S608


def standing(date_id: UUID, quota_id: UUID, type_id: UUID) -> PgbenchScript:
    """Return the sale of one to four tickets out of a quota: a guarded counter and the hold."""
    return _script("standing", _STANDING, date_id=date_id, quota_id=quota_id, type_id=type_id)


def seated(date_id: UUID, type_id: UUID) -> PgbenchScript:
    """Return the sale of one to four seats side by side, in the first row with a free run."""
    return _script("seated", _SEATED, date_id=date_id, type_id=type_id)


def _script(name: str, text: str, **constants: UUID) -> PgbenchScript:
    """Return a script whose variables are numbered: `replacements` must not be empty for that."""
    given = {key: str(value) for key, value in constants.items()}
    return PgbenchScript(name, {name: name}, text.strip() + "\n", given)
