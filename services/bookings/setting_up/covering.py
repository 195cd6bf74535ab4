"""Claims of blocked times: they fill what bookings and classes leave of a block.

A booking that has a time in a block keeps it. Once its claims are deleted, because it was moved or
cancelled, `cover_blocks` blocks that time as well.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.claims import MAX_CLAIM_HOURS, Claim, TimeBlock
from models.bookings.setting_up.resources import Resource
from services.bookings.holding.claims import Span as VisitSpan
from services.bookings.holding.ending import end_in_the_way

LONGEST = timedelta(hours=MAX_CLAIM_HOURS)
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]


async def cover_blocks(session: AsyncSession, resource: Resource, within: Span = ALWAYS) -> None:
    """Claim what is free of the blocks of a resource that are not over, or within a span of time.

    The resource is locked to change it, so that no claim is made meanwhile. Bookings that have
    expired are ended.
    """
    start, end = max(within[0], now().replace(second=0, microsecond=0)), within[1]
    rows = select(TimeBlock).where(
        TimeBlock.resource_id == resource.id,
        col(TimeBlock.ends_at) > start,
        col(TimeBlock.starts_at) < end,
    )
    blocks = (await session.exec(rows.order_by(col(TimeBlock.starts_at)))).all()
    spans = [(max(one.starts_at, start), min(one.ends_at, end)) for one in blocks]
    if not spans:
        return
    whole = spans[0][0], max(end for _, end in spans)
    taken = await _find_taken(session, resource.id, whole)
    claims = [
        Claim(
            resource_id=resource.id,
            lane=lane,
            block_id=block.id,
            blocked_from=at,
            blocked_until=until,
        )
        for block, span in zip(blocks, spans, strict=True)
        for lane in range(resource.lanes)
        for at, until in _take(taken[lane], span)
    ]
    if claims:
        await session.execute(insert(Claim), [one.model_dump(exclude={"during"}) for one in claims])


async def uncover(session: AsyncSession, resource: Resource, block: TimeBlock) -> None:
    """Delete the claims of a block, and give its time to other blocks. The resource is locked."""
    await session.exec(delete(Claim).where(col(Claim.block_id) == block.id))
    await cover_blocks(session, resource, (block.starts_at, block.ends_at))


async def _find_taken(
    session: AsyncSession, resource_id: UUID, span: Span
) -> dict[int, list[Span]]:
    """Return the spans of each lane that are taken, once bookings that have expired are ended.

    One that is being confirmed in this moment keeps its claims.
    """
    await end_in_the_way(session, VisitSpan(*span), [resource_id])
    here = overlapping(resource_id, span)
    rows = select(Claim.lane, Claim.blocked_from, Claim.blocked_until).where(*here)
    taken: dict[int, list[Span]] = defaultdict(list)
    for lane, start, end in await session.exec(rows.order_by(col(Claim.blocked_from))):
        taken[lane].append((start, end))
    return taken


def overlapping(resource_id: UUID, span: Span) -> Iterator[ColumnElement[bool]]:
    """Match the claims of a resource in a span. None of them is longer than a day."""
    start, end = span
    yield col(Claim.resource_id) == resource_id
    yield col(Claim.blocked_from) > start - LONGEST
    yield col(Claim.blocked_from) < end
    yield col(Claim.blocked_until) > start


def _take(taken: list[Span], span: Span) -> Sequence[Span]:
    """Return what is free in a span, in pieces of at most a day, and add it to what is taken."""
    pieces = [*_pieces(taken, span)]
    taken += pieces
    taken.sort()
    return pieces


def _pieces(taken: Sequence[Span], span: Span) -> Iterator[Span]:
    at, end = span
    for start, until in taken:
        yield from _days(at, min(start, end))
        at = max(at, until)
    yield from _days(at, end)


def _days(start: datetime, end: datetime) -> Iterator[Span]:
    while start < end:
        until = min(end, start + LONGEST)
        yield start, until
        start = until
