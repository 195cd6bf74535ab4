"""Finds demo accounts that can be signed in to with their public password."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.passwords import compare
from demo.identity.accounts import PASSWORD

MAX_HASHES = 10
# The demo accounts share one hash. Anyone could register with this password; accounts made in that
# way share no hash, and are not admins.
DEMO_HASHES = text(
    """
    SELECT password_hash, count(*) FROM "user"
    WHERE password_hash IS NOT NULL
    GROUP BY password_hash HAVING count(*) > 1 OR bool_or(role = 'ADMIN')
    ORDER BY count(*) DESC LIMIT :most
    """
)


async def count_open_accounts(session: AsyncSession) -> int:
    """Return the number of demo accounts with their public password.

    It takes one scan of the users, and 20 ms for each hash of demo accounts.
    """
    for password_hash, users in (await session.execute(DEMO_HASHES, {"most": MAX_HASHES})).all():
        if compare(PASSWORD, password_hash).matches:
            return int(users)
    return 0
