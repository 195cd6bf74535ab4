"""Networks in which users sign in, which attacks from elsewhere do not lock out."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.identity.known_networks import KnownNetwork, hash_network
from services.cleanup_tasks import delete_old_rows

KNOWN_DAYS = 30


async def is_known(session: AsyncSession, user_id: UUID, address: str) -> bool:
    """Return whether the user signed in within 30 days in the network of this IP address."""
    rows = select(KnownNetwork.user_id).where(
        KnownNetwork.user_id == user_id,
        KnownNetwork.network_hash == hash_network(user_id, address),
        KnownNetwork.used_at > now() - timedelta(days=KNOWN_DAYS),
    )
    return (await session.exec(rows)).first() is not None


async def remember_network(session: AsyncSession, user_id: UUID, address: str) -> None:
    known = KnownNetwork(user_id=user_id, network_hash=hash_network(user_id, address))
    row = insert(KnownNetwork).values(known.model_dump())
    await session.execute(
        row.on_conflict_do_update(
            index_elements=[col(KnownNetwork.user_id), col(KnownNetwork.network_hash)],
            set_={"used_at": row.excluded.used_at},
        )
    )


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
