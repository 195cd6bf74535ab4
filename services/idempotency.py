"""Process a request once, and answer its retries with the stored result.

Every mutation with a key does the same, in this order: `claim`; load the `replayed` row through the
access query, because the viewer's rights may have ended; act; `record_result`. Those that know the
id of the row which they make give it to `claim`, and save the last step.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from asyncpg.exceptions import LockNotAvailableError
from sqlalchemy import CTE, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, update

from core.statements.parameters import current_time
from core.statements.selected import AnySelect, columns_of
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.errors import IdempotencyInProgress, IdempotencyKeyReused, InvalidInput
from models.idempotency import IdempotencyKey
from services.cleanup_tasks import delete_old_rows
from services.viewer import Viewer

MAX_KEY_LENGTH = 100
KEY_DAYS = 7


_THIS_KEY = (
    col(IdempotencyKey.user_id) == bindparam("user_id"),
    col(IdempotencyKey.operation) == bindparam("operation"),
    col(IdempotencyKey.key) == bindparam("key"),
)
_encode = json.JSONEncoder(default=str, sort_keys=True).encode
_NEW: dict[str, Any] = {
    column.key: bindparam(column.key, type_=column.type) for column in columns_of(IdempotencyKey)
} | {"created_at": current_time()}
INSERT = Statement(insert(IdempotencyKey).values(_NEW).on_conflict_do_nothing())
FIND = Statement(select(*columns_of(IdempotencyKey)).where(*_THIS_KEY), IdempotencyKey)
RECORD = Statement(update(IdempotencyKey).where(*_THIS_KEY).values(result=bindparam("result")))


@dataclass(frozen=True)
class ClaimedKey:
    """A user's idempotency key for an operation, or that of an anonymous caller's row.

    `replayed` is the id of the row that the first request with this key has made.
    """

    user_id: UUID
    operation: str
    key: str
    replayed: UUID | None


async def claim(
    session: UnitOfWork,
    viewer: Viewer,
    operation: str,
    key: str,
    makes: UUID | None = None,
    /,
    **given: object,
) -> ClaimedKey:
    """Claim a key for this input, or return the result of the request that claimed it first.

    `makes` is the id of the row that this request makes, if it is known before.

    This is the first statement of the transaction that also stores the result: a rollback frees the
    key, and after the commit every retry finds the result. The insert waits for a concurrent
    request with the same key to commit, because the unique index cannot decide before. After
    1.5 seconds (`lock_timeout`) it raises `IdempotencyInProgress`. Raises `IdempotencyKeyReused` if
    the input differs.
    """
    return await claim_for(session, viewer.require_user(), operation, key, makes, **given)


async def find_result(
    session: UnitOfWork, viewer: Viewer, operation: str, key: str, **given: object
) -> UUID | None:
    """Return what an earlier request has made, before work that must not be repeated.

    For operations that act outside of the transaction which claims the key. Raises
    `IdempotencyKeyReused` if the input differs.
    """
    rows = await FIND.fetch(
        await connection_of(session), user_id=viewer.require_user(), operation=operation, key=key
    )
    if not rows:
        return None
    if rows[0].input_hash != _hash(given):
        raise IdempotencyKeyReused
    return _result_of(rows[0])


async def claim_for(
    session: UnitOfWork,
    owner_id: UUID,
    operation: str,
    key: str,
    makes: UUID | None = None,
    /,
    **given: object,
) -> ClaimedKey:
    """Claim a key of a user, or of what stands for an anonymous caller, such as a cart."""
    values = values_of_new(owner_id, operation, key, makes, **given)
    connection = await connection_of(session)
    claimed = ClaimedKey(owner_id, operation, key, replayed=None)
    try:
        inserted = await INSERT.execute(connection, **values)
    except LockNotAvailableError as error:
        raise IdempotencyInProgress from error
    if inserted:
        return claimed
    (earlier,) = await FIND.fetch(connection, **values)
    if earlier.input_hash != values["input_hash"]:
        raise IdempotencyKeyReused
    return replace(claimed, replayed=_result_of(earlier))


def claimed_for(rows: AnySelect) -> CTE:
    """Claim the key for a row, if one is selected and the key is not claimed.

    It is for a statement that does all of a mutation, with `values_of_new`. The statement must fail
    if it does not do the rest, or the key stays claimed.
    """
    key = insert(IdempotencyKey).from_select([*_NEW], rows.with_only_columns(*_NEW.values()))
    return key.on_conflict_do_nothing().returning(col(IdempotencyKey.user_id)).cte("claimed_key")


def values_of_new(
    owner_id: UUID, operation: str, key: str, makes: UUID | None, /, **given: object
) -> dict[str, Any]:
    """Return the parameters of a new key. Raises `InvalidInput` for its length."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise InvalidInput(
            "Must have between 1 and {most} characters.",
            most=MAX_KEY_LENGTH,
            field=["idempotencyKey"],
        )
    return {
        "user_id": owner_id,
        "operation": operation,
        "key": key,
        "input_hash": _hash(given),
        "result": makes and _result(makes),
    }


def _hash(given: Mapping[str, object]) -> bytes:
    return hashlib.sha256(_encode(given).encode()).digest()


def _result_of(earlier: Any) -> UUID:
    (id,) = (earlier.result or {}).values()
    return UUID(id)


async def record_result(session: UnitOfWork, claimed: ClaimedKey, id: UUID) -> None:
    """Store the id of the row that was made."""
    await RECORD.execute(
        await connection_of(session),
        user_id=claimed.user_id,
        operation=claimed.operation,
        key=claimed.key,
        result=_result(id),
    )


def _result(id: UUID) -> dict[str, str]:
    return {"id": str(id)}


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
