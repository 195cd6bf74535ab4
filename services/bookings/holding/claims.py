"""Claims of bookings and of meetings: taken, changed and deleted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, update

from core.clock import now
from core.ids import new_id
from core.statements.statement import KEYS, Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.bookings.claims import Claim
from services.bookings.slots.offering import FreeLane

_TIME = DateTime(timezone=True)
# A claim in the way of another transaction is waited for: it may be rolled back.
TAKE = Statement(
    text(
        """
        INSERT INTO claim (
            id, created_at, resource_id, lane, booking_id, meeting_id,
            blocked_from, blocked_until, expires_at
        )
        SELECT given.id, :moment, given.resource_id, given.lane, :booking_id, :meeting_id,
            :blocked_from, :blocked_until, :expires_at
        FROM unnest(:ids, :resource_ids, :lanes) AS given (id, resource_id, lane)
        ORDER BY given.resource_id, given.lane
        ON CONFLICT DO NOTHING
        RETURNING resource_id
        """
    ).bindparams(
        bindparam("ids", type_=ARRAY(Uuid())),
        bindparam("resource_ids", type_=ARRAY(Uuid())),
        bindparam("lanes", type_=ARRAY(SmallInteger())),
        bindparam("booking_id", type_=Uuid()),
        bindparam("meeting_id", type_=Uuid()),
        bindparam("moment", type_=_TIME),
        bindparam("blocked_from", type_=_TIME),
        bindparam("blocked_until", type_=_TIME),
        bindparam("expires_at", type_=_TIME),
    )
)
# The lowest lane of each resource that is free, if one is. Each lane that the resource has no more,
# and that is still taken, takes the place of one.
FREE_LANES = Statement(
    text(
        """
        SELECT resource.id, min(lane) AS lane
        FROM resource, generate_series(0, resource.lanes - 1) AS lane
        WHERE resource.id = ANY(:resource_ids) AND NOT EXISTS (
            SELECT FROM claim
            WHERE claim.resource_id = resource.id AND claim.lane = lane.lane
                AND claim.blocked_from < :blocked_until AND claim.blocked_until > :blocked_from
                AND claim.blocked_from > :blocked_from - interval '24 hours'
        )
        GROUP BY resource.id
        HAVING count(*) > (
            SELECT count(DISTINCT claim.lane) FROM claim
            WHERE claim.resource_id = resource.id AND claim.lane >= resource.lanes
                AND claim.blocked_from < :blocked_until AND claim.blocked_until > :blocked_from
                AND claim.blocked_from > :blocked_from - interval '24 hours'
        )
        """
    ).bindparams(
        bindparam("resource_ids", type_=ARRAY(Uuid())),
        bindparam("blocked_from", type_=_TIME),
        bindparam("blocked_until", type_=_TIME),
    )
)
KEEP = Statement(
    update(Claim)
    .where(any_of(col(Claim.booking_id)))
    .values(expires_at=bindparam("until", type_=_TIME))
)
# Free minutes in a blocked time are blocked at once. Others who want them wait for the commit.
_FREE = """
    WITH freed AS (
        DELETE FROM claim WHERE {owner} = ANY(:keys)
        RETURNING resource_id, lane, blocked_from, blocked_until
    )
    INSERT INTO claim (
        id, created_at, resource_id, lane, block_id, blocked_from, blocked_until
    )
    SELECT uuidv7(), now(), freed.resource_id, freed.lane, block.id,
        greatest(freed.blocked_from, block.starts_at), least(freed.blocked_until, block.ends_at)
    FROM freed JOIN time_block AS block ON block.resource_id = freed.resource_id
        AND block.starts_at < freed.blocked_until AND block.ends_at > freed.blocked_from
    WHERE freed.blocked_until > now()
    ORDER BY freed.resource_id, freed.lane, block.starts_at
    ON CONFLICT DO NOTHING
"""
_IDS = bindparam(KEYS, type_=ARRAY(Uuid()))
FREE = Statement(text(_FREE.format(owner="booking_id")).bindparams(_IDS))
FREE_OF_MEETINGS = Statement(text(_FREE.format(owner="meeting_id")).bindparams(_IDS))


@dataclass(frozen=True)
class Span:
    """The time for which a visit keeps its resources, buffers included."""

    blocked_from: datetime
    blocked_until: datetime


async def take_claims(
    unit: UnitOfWork,
    span: Span,
    places: Sequence[FreeLane],
    *,
    booking_id: UUID | None = None,
    meeting_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> list[FreeLane]:
    """Take the places that are free for a booking or a meeting. Returns those that are not."""
    rows = await TAKE.fetch(
        await connection_of(unit),
        ids=[new_id() for _ in places],
        resource_ids=[one.resource_id for one in places],
        lanes=[one.lane for one in places],
        booking_id=booking_id,
        meeting_id=meeting_id,
        moment=now(),
        blocked_from=span.blocked_from,
        blocked_until=span.blocked_until,
        expires_at=expires_at,
    )
    taken = {row["resource_id"] for row in rows}
    return [one for one in places if one.resource_id not in taken]


async def find_places(
    unit: UnitOfWork, span: Span, resource_ids: Collection[UUID]
) -> list[FreeLane] | None:
    """Return the lowest free lane of each resource. None if one of them has none."""
    rows = await FREE_LANES.fetch(
        await connection_of(unit),
        resource_ids=list(resource_ids),
        blocked_from=span.blocked_from,
        blocked_until=span.blocked_until,
    )
    if len(rows) < len(resource_ids):
        return None
    return [FreeLane(row["id"], row["lane"]) for row in rows]


async def keep_claims(
    unit: UnitOfWork, booking_ids: Collection[UUID], until: datetime | None
) -> None:
    """Let the claims of bookings expire at a time, or never."""
    await KEEP.execute(await connection_of(unit), until=until, **{KEYS: list(booking_ids)})


async def free_claims(unit: UnitOfWork, booking_ids: Collection[UUID]) -> None:
    await FREE.execute(await connection_of(unit), **{KEYS: list(booking_ids)})


async def free_claims_of_meetings(unit: UnitOfWork, meeting_ids: Collection[UUID]) -> None:
    if meeting_ids:
        connection = await connection_of(unit)
        await FREE_OF_MEETINGS.execute(connection, **{KEYS: list(meeting_ids)})
