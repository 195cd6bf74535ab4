"""Challenges: issued to one client, limited in tries, and met once."""

import secrets
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_reliance
from core.security.random_secrets import hash_secret
from models.identity.accounts import User
from models.identity.challenges import (
    MAX_FACTOR_TRIES,
    ChallengeEnded,
    ChallengePurpose,
    FactorChallenge,
)
from services.cleanup_tasks import delete_old_rows


def issue(
    session: AsyncSession,
    purpose: ChallengePurpose,
    user: User | None,
    *,
    flow_id: UUID | None = None,
) -> str:
    """Add a challenge. Returns its id for the client, which is not stored.

    It ends with the epoch of `user`, who was read before any password was compared. `flow_id` is
    the answer of a provider that is linked once the challenge is met.
    """
    secret = secrets.token_urlsafe(32)
    challenge = FactorChallenge(purpose=purpose, secret_hash=hash_secret(secret), flow_id=flow_id)
    if user is not None:
        challenge.user_id, challenge.epoch = user.id, user.epoch
    session.add(challenge)
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
            *is_open(),
            col(FactorChallenge.tries) < MAX_FACTOR_TRIES,
        )
        .values(tries=col(FactorChallenge.tries) + 1)
        .returning(FactorChallenge)
    )
    challenge: FactorChallenge | None = taken.scalars().first()
    if challenge is None:
        raise ChallengeEnded
    return challenge


async def access_open(
    session: AsyncSession, secret: str, purpose: ChallengePurpose
) -> tuple[FactorChallenge, User]:
    """Return an open challenge and its user, without a try. Raises `ChallengeEnded`."""
    rows = (
        select(FactorChallenge, User)
        .join(User, col(User.id) == col(FactorChallenge.user_id))
        .where(
            FactorChallenge.secret_hash == hash_secret(secret),
            FactorChallenge.purpose == purpose,
            FactorChallenge.tries < MAX_FACTOR_TRIES,
            *is_open(),
        )
    )
    found = (await session.exec(rows)).first()
    if found is None:
        raise ChallengeEnded
    return found


async def access_owner(session: AsyncSession, challenge: FactorChallenge) -> User:
    """Return the user of a challenge, whose password then stays until the commit.

    Raises `ChallengeEnded` if it has changed. What sets a password locks the user too. So either it
    comes first, and no session is opened; or it waits, and then ends the session.
    """
    rows = select(User).where(User.id == challenge.user_id, User.epoch == challenge.epoch)
    user = (await session.exec(for_reliance(rows))).first()
    if user is None:
        raise ChallengeEnded
    return user


async def use(session: AsyncSession, challenge: FactorChallenge) -> None:
    """Use a challenge up. Raises `ChallengeEnded` if another request was faster."""
    used = await session.exec(
        update(FactorChallenge)
        .where(col(FactorChallenge.id) == challenge.id, *is_open())
        .values(used_at=now())
        .returning(col(FactorChallenge.id))
    )
    if used.first() is None:
        raise ChallengeEnded


def is_open() -> list[ColumnElement[bool]]:
    """Return the conditions of a challenge that has not ended."""
    own = select(User.epoch).where(User.id == FactorChallenge.user_id)
    epoch = own.correlate(FactorChallenge).scalar_subquery()
    return [
        col(FactorChallenge.used_at).is_(None),
        col(FactorChallenge.expires_at) > now(),
        or_(col(FactorChallenge.user_id).is_(None), col(FactorChallenge.epoch) == epoch),
    ]


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
