"""Limits of wrong codes for many numbers in turn.

One code that is tried for enough numbers is found, however few tries each has. So wrong codes are
counted per block of 10,000 numbers, and in all. They are counted in PostgreSQL: while Redis does
not answer, each process allows as much again. What refuses codes must not lock out the owners of
10,000 numbers: from then on codes are long, and only short ones are not compared any more.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import extract
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.countries.phone_numbers import block_of
from core.security.sealed import Sealer
from models.identity.phones import CHALLENGE_COLUMN, PhoneChallenge, WrongCodes
from services.cleanup_tasks import delete_old_rows

HOUR_SECONDS = 3600
WRONG_PER_BLOCK = 30  # wrong codes of a block in an hour
WRONG_IN_ALL = 2_000  # in an hour: one of 500 such hours finds one code of a million
BLOCK, IN_ALL = "BLOCK", "all"
KEPT_DAYS = 1  # after an hour, a count is zero
# The statement's own time: a transaction that waited for a row began before the row was changed.
MOMENT: Any = func.clock_timestamp()


async def charge_guess(session: AsyncSession, sealer: Sealer, challenge: PhoneChallenge) -> bool:
    """Count a code that may be wrong. Returns False if there were too many wrong ones.

    Commit before you compare it, or parallel guesses would all be compared. Long codes are not
    counted: two tries find one of them in 50 million.
    """
    if challenge.is_long:
        return True
    for key, most in _limits(sealer, _number(sealer, challenge)).items():
        if not await _charge(session, key, most):
            return False
    return True


async def refund_guess(session: AsyncSession, sealer: Sealer, challenge: PhoneChallenge) -> None:
    """Take back what was counted for a code that was right."""
    if challenge.is_long:
        return
    for key in _limits(sealer, _number(sealer, challenge)):
        refunded = update(WrongCodes).where(col(WrongCodes.key) == key)
        level = func.greatest(0, col(WrongCodes.level) - 1)
        await session.exec(refunded.values(level=level))


async def is_guessed(session: AsyncSession, sealer: Sealer, number: str) -> bool:
    """Return whether so many wrong codes were tried that the next one must be long."""
    full = [
        and_(col(WrongCodes.key) == key, _drained(most) > most - 1)
        for key, most in _limits(sealer, number).items()
    ]
    return (await session.exec(select(WrongCodes.key).where(or_(*full)))).first() is not None


def _limits(sealer: Sealer, number: str) -> Mapping[bytes, int]:
    """Return the maximum per key, in the order in which the rows are locked."""
    return {
        sealer.hash(BLOCK, block_of(number)): WRONG_PER_BLOCK,
        sealer.hash(BLOCK, IN_ALL): WRONG_IN_ALL,
    }


def _number(sealer: Sealer, challenge: PhoneChallenge) -> str:
    return sealer.open(CHALLENGE_COLUMN, challenge.id, challenge.number).decode()


async def _charge(session: AsyncSession, key: bytes, most: int) -> bool:
    """Add one, unless that exceeds the maximum. The row is locked until the commit."""
    added = insert(WrongCodes).values(key=key, level=1, counted_at=MOMENT)
    charged = added.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "level": _drained(most) + 1,
            "counted_at": func.greatest(col(WrongCodes.counted_at), MOMENT),
        },
        where=_drained(most) + 1 <= most,
    ).returning(col(WrongCodes.key))
    return (await session.execute(charged)).first() is not None


def _drained(most: int) -> Any:
    """Return the level of now: it drains steadily, within an hour from the maximum to zero."""
    seconds = func.greatest(0, extract("epoch", MOMENT - col(WrongCodes.counted_at)))
    return func.greatest(0, col(WrongCodes.level) - seconds * most / HOUR_SECONDS)


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM wrong_codes WHERE key IN (
            SELECT key FROM wrong_codes WHERE counted_at < :before LIMIT :batch
        ) RETURNING key
        """,
        KEPT_DAYS,
    )
]
