"""Process a request once, and answer its retries with the stored result.

Every mutation with a key does the same, in this order: `claim`; load the `replayed` row through the
access query, because the viewer's rights may have ended; act; `record_result`.
"""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.outages import sqlstate
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput
from models.idempotency import IdempotencyKey
from services.cleanup_tasks import delete_old_rows
from services.viewer import Viewer

LOCK_NOT_AVAILABLE = "55P03"
MAX_KEY_LENGTH = 100
KEY_DAYS = 7


@dataclass(frozen=True)
class ClaimedKey:
    """A user's idempotency key for an operation.

    `replayed` is the id of the row that the first request with this key has made.
    """

    user_id: UUID
    operation: str
    key: str
    replayed: UUID | None


async def claim(
    session: AsyncSession, viewer: Viewer, operation: str, key: str, **given: object
) -> ClaimedKey:
    """Claim a key for this input, or return the result of the request that claimed it first.

    This is the first statement of the transaction that also stores the result: a rollback frees the
    key, and after the commit every retry finds the result. The insert waits for a concurrent
    request with the same key to commit, because the unique index cannot decide before. After
    1.5 seconds (`lock_timeout`) it raises `IdempotencyInProgress`. Raises `IdempotencyKeyReused` if
    the input differs.
    """
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise InvalidInput(
            "Must have between 1 and {most} characters.",
            most=MAX_KEY_LENGTH,
            field=["idempotencyKey"],
        )
    input_hash = hashlib.sha256(json.dumps(given, default=str, sort_keys=True).encode()).digest()
    identity = (viewer.require_user(), operation, key)
    row = insert(IdempotencyKey).values(
        user_id=identity[0], operation=operation, key=key, input_hash=input_hash, created_at=now()
    )
    try:
        inserted = await session.scalar(
            row.on_conflict_do_nothing().returning(col(IdempotencyKey.user_id))
        )
    except DBAPIError as error:
        if sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from error
        raise
    if inserted:
        return ClaimedKey(*identity, replayed=None)
    earlier = await session.get_one(IdempotencyKey, identity)
    if earlier.input_hash != input_hash:
        raise IdempotencyKeyReused
    (id,) = (earlier.result or {}).values()
    return ClaimedKey(*identity, replayed=UUID(id))


async def record_result(session: AsyncSession, claimed: ClaimedKey, id: UUID) -> None:
    """Store the id of the row that was made."""
    await session.exec(
        update(IdempotencyKey)
        .where(
            col(IdempotencyKey.user_id) == claimed.user_id,
            col(IdempotencyKey.operation) == claimed.operation,
            col(IdempotencyKey.key) == claimed.key,
        )
        .values(result={"id": str(id)})
    )


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM idempotency_key WHERE (user_id, operation, key) IN (
            SELECT user_id, operation, key FROM idempotency_key WHERE created_at < :before
            ORDER BY created_at LIMIT :batch
        ) RETURNING key
        """,
        KEY_DAYS,
    )
]
