"""Revocations, written in the transaction that ends a session, a token or a user's right."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from models.identity.revocations import Revocation, RevocationKind
from services.journal import append as journal

TOPIC = "revocations"


def revoke(session: AsyncSession, kind: RevocationKind, subject_id: UUID) -> None:
    """Have every process stop accepting the subject, within three seconds of the commit.

    This process refuses it right after the commit. The signal wakes the others; without Redis,
    they find the row within a second.
    """
    revocation = Revocation(kind=kind, subject_id=subject_id)
    session.add(revocation)
    session.info.setdefault("revocations", []).append(revocation)
    journal.signal_after_commit(session, TOPIC)
