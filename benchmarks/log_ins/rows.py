"""The rows of the benchmark: users with sessions and refresh tokens, and followers of a vendor."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import numbering
from benchmarks.load_rows import insert_rows
from benchmarks.log_ins.requests import refresh_token

OFFER = numbering.uuid_of(numbering.OFFER, 0)
VENDOR = numbering.uuid_of(numbering.VENDOR, 0)
# Old enough to be exchanged. Each session has the id of its user.
INSERT_TOKENS = text(
    """
    INSERT INTO refresh_token (id, created_at, session_id, token_hash, expires_at)
    SELECT gen_random_uuid(), now() - interval '1 minute', id,
        sha256(convert_to(:prefix || email::text, 'UTF8')), now() + interval '7 days'
    FROM "user" WHERE email::text LIKE :pattern
    """
)
INSERT_FOLLOWS = text(
    """
    INSERT INTO follow (user_id, vendor_id, created_at)
    SELECT id, :vendor_id, now() FROM "user" WHERE email::text LIKE :pattern LIMIT :followers
    """
)
COUNT_NOTIFIED = text("SELECT count(*) FROM notification WHERE subject_id = :offer_id")
PATTERN = f"load-{numbering.USER}-%@load.example"


async def insert_accounts(connection: AsyncConnection, users: int, followers: int) -> None:
    await insert_rows(connection, max(users, followers))
    tokens = {"prefix": refresh_token(""), "pattern": PATTERN}
    await connection.execute(INSERT_TOKENS, tokens)
    follows = {"vendor_id": VENDOR, "pattern": PATTERN, "followers": followers}
    await connection.execute(INSERT_FOLLOWS, follows)
    await connection.execute(text("ANALYZE"))


async def count_notified(connection: AsyncConnection, offer_id: UUID) -> int:
    return int((await connection.execute(COUNT_NOTIFIED, {"offer_id": offer_id})).scalar_one())
