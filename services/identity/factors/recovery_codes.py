"""Recovery codes: ten, shown once, each of which replaces the second factor once."""

import hashlib
from uuid import UUID

from sqlmodel import col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security import codes
from models.identity.factors import RECOVERY_CODES, RecoveryCode


async def replace_recovery_codes(session: AsyncSession, user_id: UUID) -> list[str]:
    """Return ten new codes, which are not stored. The former ones end."""
    await delete_recovery_codes(session, user_id)
    made = [codes.new_secret_code() for _ in range(RECOVERY_CODES)]
    session.add_all(
        RecoveryCode(user_id=user_id, code_hash=hash_recovery_code(user_id, one)) for one in made
    )
    return made


async def delete_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.exec(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))


async def use_recovery_code(session: AsyncSession, user_id: UUID, typed: str) -> bool:
    """Use a code up. Returns False if it is wrong or was used: one statement decides."""
    used = await session.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.user_id) == user_id,
            col(RecoveryCode.code_hash) == hash_recovery_code(user_id, typed),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now())
        .returning(col(RecoveryCode.id))
    )
    return used.first() is not None


async def count_recovery_codes(session: AsyncSession, user_id: UUID) -> int:
    """Return how many codes are left."""
    unused = col(RecoveryCode.used_at).is_(None)
    rows = select(func.count()).where(RecoveryCode.user_id == user_id, unused)
    return (await session.exec(rows)).one()


def hash_recovery_code(user_id: UUID, typed: str) -> bytes:
    return hashlib.sha256(user_id.bytes + codes.read_symbols(typed).encode()).digest()
