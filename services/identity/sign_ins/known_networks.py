"""Networks in which users sign in, which attacks from elsewhere do not lock out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import bindparam, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.statements.statement import Statement
from core.statements.units import connection_of
from models.identity.known_networks import KnownNetwork, hash_network
from services.cleanup_tasks import delete_old_rows

KNOWN_DAYS = 30

_KNOWN = select(KnownNetwork.user_id).where(
    KnownNetwork.user_id == bindparam("user_id"),
    KnownNetwork.network_hash == bindparam("network_hash"),
    KnownNetwork.used_at > bindparam("since"),
)
KNOWN = Statement(_KNOWN)
_ROW = insert(KnownNetwork)
REMEMBER = Statement(
    _ROW.on_conflict_do_update(
        index_elements=[col(KnownNetwork.user_id), col(KnownNetwork.network_hash)],
        set_={"used_at": _ROW.excluded.used_at},
    )
)


def known_values(user_id: UUID, address: str) -> dict[str, Any]:
    """Return the values of KNOWN for a user who may have signed in in this network."""
    return {
        "user_id": user_id,
        "network_hash": hash_network(user_id, address),
        "since": now() - timedelta(days=KNOWN_DAYS),
    }


async def is_known(session: AsyncSession, user_id: UUID, address: str) -> bool:
    """Return whether the user signed in within 30 days in the network of this IP address."""
    rows = await session.exec(_KNOWN, params=known_values(user_id, address))
    return rows.first() is not None


async def remember_network(session: AsyncSession, user_id: UUID, address: str) -> None:
    """Note a sign-in of a user, whose row is stored."""
    known = KnownNetwork(user_id=user_id, network_hash=hash_network(user_id, address))
    await REMEMBER.execute(await connection_of(session), **known.model_dump())


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM known_network WHERE (user_id, network_hash) IN (
            SELECT user_id, network_hash FROM known_network WHERE used_at < :before LIMIT :batch
        ) RETURNING user_id
        """,
        KNOWN_DAYS,
    )
]
