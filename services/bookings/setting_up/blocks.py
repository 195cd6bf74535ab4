"""Times at which resources take no bookings: entered by members, and read from busy feeds."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.keyset import Listing, Ordering
from models.bookings.claims import (
    MAX_BLOCK_DAYS,
    MAX_BLOCKS,
    BlockLimitReached,
    BlockSource,
    TimeBlock,
)
from models.bookings.setting_up.resources import Resource
from models.bookings.setting_up.schedule_drafts import TimeBlockDraft
from models.errors import InvalidInput
from services import idempotency
from services.bookings.access import (
    access_blocked_resource,
    access_managed_block,
    visible_blocks,
)
from services.bookings.setting_up.covering import cover_blocks, uncover
from services.bookings.setting_up.entries import TimeBlockChanged, announce
from services.bookings.waiting.freeing import serve_waits_at
from services.viewer import Viewer

BLOCKS = Ordering("starts_at", TimeBlock.starts_at, TimeBlock.id, datetime.fromisoformat)


def list_blocks(
    viewer: Viewer, resource_id: UUID, starts_from: datetime | None, until: datetime | None
) -> Listing[TimeBlock]:
    """List the blocks of a resource that are not over, or those in a span, the earliest first."""
    rows = visible_blocks(viewer).where(
        TimeBlock.resource_id == resource_id, col(TimeBlock.ends_at) > (starts_from or now())
    )
    if until is not None:
        rows = rows.where(col(TimeBlock.starts_at) < until)
    return Listing(rows, BLOCKS)


async def block_time(
    session: AsyncSession,
    viewer: Viewer,
    *,
    resource_id: UUID,
    draft: TimeBlockDraft,
    idempotency_key: str,
) -> TimeBlock:
    """Block a time of a resource, once per idempotency key.

    Bookings in its way keep their times. Raises `BlockLimitReached`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "blockTime",
        idempotency_key,
        resource_id=resource_id,
        draft=draft.model_dump(),
    )
    if claimed.replayed:
        return (await access_managed_block(session, viewer, claimed.replayed))[1]
    resource = await access_blocked_resource(session, viewer, resource_id)
    _ensure_span(draft)
    await _ensure_room(session, resource_id)
    block = TimeBlock(
        resource_id=resource_id,
        created_by_id=viewer.user_id,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        reason=draft.reason,
    )
    await add_block(session, resource, block)
    await idempotency.record_result(session, claimed, block.id)
    return block


async def add_block(session: AsyncSession, resource: Resource, block: TimeBlock) -> None:
    """Add a block of whole minutes with its claims. The resource is locked."""
    session.add(block)
    await session.flush()
    await cover_blocks(session, resource, (block.starts_at, block.ends_at))
    announce(session, resource.vendor_id, TimeBlockChanged(block.id, resource.id))


async def unblock_time(session: AsyncSession, viewer: Viewer, *, block_id: UUID) -> None:
    """Remove a block. Those of a busy feed come back with the feed's next read."""
    resource, block = await access_managed_block(session, viewer, block_id)
    await remove_block(session, resource, block)


async def remove_block(session: AsyncSession, resource: Resource, block: TimeBlock) -> None:
    """Remove a block with its claims. The resource is locked."""
    await session.exec(delete(TimeBlock).where(col(TimeBlock.id) == block.id))
    await uncover(session, resource, block)
    await serve_waits_at(session, resource.vendor_id)
    announce(session, resource.vendor_id, TimeBlockChanged(block.id, resource.id))


def _ensure_span(draft: TimeBlockDraft) -> None:
    for name, moment in (("startsAt", draft.starts_at), ("endsAt", draft.ends_at)):
        if moment.second or moment.microsecond:
            raise InvalidInput("Choose a time in whole minutes.", field=[name])
    if draft.ends_at <= max(draft.starts_at, now()):
        raise InvalidInput(
            "Choose an end that is later than the start, and not over.", field=["endsAt"]
        )
    if draft.ends_at - draft.starts_at > timedelta(days=MAX_BLOCK_DAYS):
        raise InvalidInput("Choose at most {most} days.", most=MAX_BLOCK_DAYS, field=["endsAt"])


async def _ensure_room(session: AsyncSession, resource_id: UUID) -> None:
    counted = select(func.count()).where(*_counted(resource_id))
    if (await session.exec(counted)).one() >= MAX_BLOCKS:
        raise BlockLimitReached(most=MAX_BLOCKS)


def _counted(resource_id: UUID) -> Iterator[ColumnElement[bool] | bool]:
    yield TimeBlock.resource_id == resource_id
    yield TimeBlock.source == BlockSource.TIME_OFF
    yield col(TimeBlock.ends_at) > now()
