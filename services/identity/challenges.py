"""Challenges: issued to one client, limited in tries, and met once."""

import secrets
from uuid import UUID

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.challenges import (
    MAX_FACTOR_TRIES,
    ChallengeEnded,
    ChallengePurpose,
    FactorChallenge,
)
from services.cleanup_tasks import delete_old_rows
from services.identity.registrations import hash_secret


def issue(session: AsyncSession, purpose: ChallengePurpose, user_id: UUID | None) -> str:
    """Add a challenge. Returns its id for the client, which is not stored."""
    secret = secrets.token_urlsafe(32)
    session.add(FactorChallenge(purpose=purpose, user_id=user_id, secret_hash=hash_secret(secret)))
    return secret


async def take_try(
    session: AsyncSession, secret: str, purpose: ChallengePurpose
) -> FactorChallenge:
    """Count a try of an open challenge: one statement, which no try overtakes.

    Raises `ChallengeEnded`. Commit before you compare a proof, or parallel tries would all be
    compared.
    """
    taken = await session.exec(
        update(FactorChallenge)
        .where(
            col(FactorChallenge.secret_hash) == hash_secret(secret),
            col(FactorChallenge.purpose) == purpose,
            col(FactorChallenge.used_at).is_(None),
            col(FactorChallenge.expires_at) > now(),
            col(FactorChallenge.tries) < MAX_FACTOR_TRIES,
        )
        .values(tries=col(FactorChallenge.tries) + 1)
        .returning(FactorChallenge)
    )
    challenge: FactorChallenge | None = taken.scalars().first()
    if challenge is None:
        raise ChallengeEnded
    return challenge


async def use(session: AsyncSession, challenge: FactorChallenge) -> None:
    """Use a challenge up. Raises `ChallengeEnded` if another request was faster."""
    used = await session.exec(
        update(FactorChallenge)
        .where(
            col(FactorChallenge.id) == challenge.id,
            col(FactorChallenge.used_at).is_(None),
            col(FactorChallenge.expires_at) > now(),
        )
        .values(used_at=now())
        .returning(col(FactorChallenge.id))
    )
    if used.first() is None:
        raise ChallengeEnded


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM factor_challenge WHERE id IN (
            SELECT id FROM factor_challenge WHERE expires_at < :before LIMIT :batch
        ) RETURNING id
        """,
        0,
    )
]
