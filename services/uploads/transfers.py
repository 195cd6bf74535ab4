"""Transfers of files through our servers: one at a time per link, and one that succeeds.

The state is in PostgreSQL, because the requests of one link can reach different servers.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.uploads import Upload, UploadState

MIN_BYTES_PER_SECOND = 32 * 1024
MIN_TRANSFER_SECONDS = 30
LEASE_MARGIN_SECONDS = 30  # from the deadline to the end of the transaction after it


def transfer_seconds(size: int) -> float:
    """Return the maximum duration of a transfer of `size` bytes."""
    return MIN_TRANSFER_SECONDS + size / MIN_BYTES_PER_SECOND


async def start_transfer(session: AsyncSession, upload_id: UUID, seconds: float) -> UUID | None:
    """Lease an upload's link for a transfer, and return the owner; None if it is not available.

    It is not available during another transfer, and after one that succeeded. If the server
    crashes, the lease ends by itself.
    """
    moment = now()
    free = or_(col(Upload.transfer_ends_at).is_(None), col(Upload.transfer_ends_at) <= moment)
    leased = (
        update(Upload)
        .where(
            col(Upload.id) == upload_id,
            col(Upload.state) == UploadState.PENDING,
            col(Upload.received_at).is_(None),
            col(Upload.expires_at) > moment,
            free,
        )
        .values(transfer_ends_at=moment + timedelta(seconds=seconds + LEASE_MARGIN_SECONDS))
        .returning(col(Upload.user_id))
    )
    owner: UUID | None = (await session.execute(leased)).scalar()
    return owner


async def end_transfer(session: AsyncSession, upload_id: UUID, *, received: bool) -> None:
    """End the lease. The link of a received file cannot be used again."""
    received_at: datetime | None = now() if received else None
    ended = (
        update(Upload)
        .where(col(Upload.id) == upload_id, col(Upload.received_at).is_(None))
        .values(transfer_ends_at=None, received_at=received_at)
    )
    await session.execute(ended)
