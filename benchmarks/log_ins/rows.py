"""The rows of the benchmark: users with sessions and refresh tokens, and followers of a vendor."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.load import numbering
from benchmarks.load.rows import insert_rows
from benchmarks.log_ins.requests import known, refresh_token
from core.security.sealed import Sealer
from models.identity.accounts import User
from services.identity.addresses.sealed_addresses import seal_email

OFFER = numbering.uuid_of(numbering.OFFER, 0)
VENDOR = numbering.uuid_of(numbering.VENDOR, 0)
GIVE_ADDRESS = text(
    """
    UPDATE "user" SET email = :email, email_lookup = :email_lookup,
        next_email_lookup = :next_email_lookup,
        password_hash = (SELECT password_hash FROM "user" WHERE role = 'ADMIN' LIMIT 1)
    WHERE id = :id
    """
)
# Old enough to be exchanged. Each session has the id of its user.
INSERT_TOKEN = text(
    """
    INSERT INTO refresh_token (id, created_at, session_id, token_hash, expires_at)
    VALUES (gen_random_uuid(), now() - interval '1 minute', :id, :token_hash,
        now() + interval '7 days')
    """
)
INSERT_FOLLOWS = text(
    """
    INSERT INTO follow (user_id, vendor_id, created_at)
    SELECT id, :vendor_id, now() FROM "user" WHERE id BETWEEN :first AND :last
    """
)
COUNT_NOTIFIED = text("SELECT count(*) FROM notification WHERE subject_id = :offer_id")


async def insert_accounts(
    connection: AsyncConnection, sealer: Sealer, users: int, followers: int
) -> None:
    """Insert users and followers. The users have addresses, and the password of the demo data."""
    await insert_rows(connection, max(users, followers))
    accounts = list(_accounts(sealer, users))
    await connection.execute(GIVE_ADDRESS, accounts)
    await connection.execute(INSERT_TOKEN, accounts)
    follows = {"vendor_id": VENDOR, "first": _user(0), "last": _user(followers - 1)}
    await connection.execute(INSERT_FOLLOWS, follows)
    await connection.execute(text("ANALYZE"))


async def count_notified(connection: AsyncConnection, offer_id: UUID) -> int:
    return int((await connection.execute(COUNT_NOTIFIED, {"offer_id": offer_id})).scalar_one())


def _accounts(sealer: Sealer, users: int) -> Iterator[dict[str, Any]]:
    for number in range(users):
        row = User(id=_user(number), name="", password_hash=None)
        seal_email(sealer, row, known(number))
        yield {
            "id": row.id,
            "email": row.email,
            "email_lookup": row.email_lookup,
            "next_email_lookup": row.next_email_lookup,
            "token_hash": hashlib.sha256(refresh_token(known(number)).encode()).digest(),
        }


def _user(number: int) -> UUID:
    return numbering.uuid_of(numbering.USER, number)
