"""One effect and one answer for a request, however often it arrives.

The key is the transaction's first statement and the answer's ids are kept in the
same transaction, so there is no moment in which one exists without the other.
"""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core import database as db
from core.clock import now
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput
from models.idempotency import IdempotencyKey
from services.viewer import Viewer

LOCK_NOT_AVAILABLE = "55P03"
LONGEST = 100


@dataclass(frozen=True)
class Request:
    """A request under its key, and what an earlier one under the same key came to."""

    user_id: UUID
    operation: str
    key: str
    result: dict[str, str] | None


async def begin(
    session: AsyncSession, viewer: Viewer, operation: str, key: str, **given: object
) -> Request:
    """Claim the key for this input, or find what it came to before.

    A twin that is still running is waited for, two seconds at most. Raises
    `IdempotencyKeyReused` when the key came with another input, `IdempotencyInProgress`.
    """
    if not 1 <= len(key) <= LONGEST:
        raise InvalidInput(
            "Between 1 and {most} characters.", most=LONGEST, field=["idempotencyKey"]
        )
    input_hash = hashlib.sha256(json.dumps(given, default=str, sort_keys=True).encode()).digest()
    mine = (viewer.require_user(), operation, key)
    claim = insert(IdempotencyKey).values(
        user_id=mine[0], operation=operation, key=key, input_hash=input_hash, created_at=now()
    )
    try:
        fresh = claim.on_conflict_do_nothing().returning(col(IdempotencyKey.user_id))
        claimed = await session.scalar(fresh)
    except DBAPIError as error:
        if db.sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise IdempotencyInProgress from error
        raise
    if claimed:
        return Request(*mine, result=None)
    earlier = await session.get_one(IdempotencyKey, mine)
    if earlier.input_hash != input_hash:
        raise IdempotencyKeyReused
    return Request(*mine, result=earlier.result)


async def keep(session: AsyncSession, request: Request, **ids: UUID) -> None:
    """Keep what the request came to, by id: a replay resolves it afresh, with today's rights."""
    await session.exec(
        update(IdempotencyKey)
        .where(
            col(IdempotencyKey.user_id) == request.user_id,
            col(IdempotencyKey.operation) == request.operation,
            col(IdempotencyKey.key) == request.key,
        )
        .values(result={name: str(id) for name, id in ids.items()})
    )
