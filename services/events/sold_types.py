"""The ticket types that are sold on dates, each with its price and what is left of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.statements.statement import KEYS, Statement
from core.statements.units import connection_of
from models.events.dates import EventDate
from models.events.events import Event
from models.events.selling.availability import SeatsLeft, SoldType
from models.events.ticket_types import (
    PriceTier,
    TicketQuota,
    TicketType,
    TicketTypeState,
    TypeQuota,
)
from models.members import Permission
from services.vendors.access import member_vendor_ids
from services.viewer import Viewer

# A hall has hundreds of rows: the first one with seats is enough. Its places are read only if there
# is none.
WITH_SEATS = Statement(
    text(
        """
        SELECT event_date_id, category_id, general
        FROM (SELECT DISTINCT * FROM unnest(:dates, :keys) AS pair (event_date_id, category_id))
            AS wanted
        CROSS JOIN LATERAL (
            SELECT EXISTS (
                SELECT FROM seat_row
                WHERE seat_row.event_date_id = wanted.event_date_id
                    AND seat_row.category_id = wanted.category_id
                    AND sizes <> 0 AND NOT waitlist_first
            ) AS general
        ) AS seats
        WHERE general OR EXISTS (
            SELECT FROM seat_row JOIN seat_place USING (event_date_id, row_id)
            WHERE seat_row.event_date_id = wanted.event_date_id
                AND seat_row.category_id = wanted.category_id
                AND NOT accessible_first AND accessible AND state = 'FREE'
        )
        """
    ).bindparams(bindparam("dates", type_=ARRAY(Uuid())), bindparam(KEYS, type_=ARRAY(Uuid())))
)


async def find_sold_types(
    session: AsyncSession, viewer: Viewer, date_ids: Sequence[UUID]
) -> Mapping[UUID, Sequence[SoldType]]:
    """Return the types that are sold on dates which the viewer sees, in their order.

    A type is sold on a date that has one of its quotas, or seats of its categories. Types that need
    a code are returned to members alone.
    """
    pairs = (
        select(EventDate, Event)
        .join(Event, col(Event.id) == col(EventDate.event_id))
        .where(col(EventDate.id).in_(date_ids))
    )
    dates = (await session.exec(pairs)).all()
    own = await _find_own_vendors(session, viewer)
    types = await _find_types(session, {event.id for _, event in dates})
    quotas, links = await _find_quotas(session, date_ids), await _find_links(session, date_ids)
    tiers = await _find_tiers(session, [one.id for of_event in types.values() for one in of_event])
    pairs_with_seats = [
        (date.id, id)
        for date, event in dates
        if date.seated
        for one in types[event.id]
        for id in one.category_ids
    ]
    with_seats = await _find_with_seats(session, pairs_with_seats)
    moment = now()
    found: dict[UUID, list[SoldType]] = {}
    for date, event in dates:
        shows_all = viewer.admin or event.vendor_id in own
        sold = [
            SoldType(
                event=event,
                date=date,
                row=one,
                quotas=[quota for quota in quotas[date.id] if (one.id, quota.id) in links],
                room={quota.id: quota.left for quota in quotas[date.id]},
                tiers=tiers[one.id],
                moment=moment,
                shows_number=shows_all,
                seats=_seats_left(date, one, with_seats),
            )
            for one in types[event.id]
            if shows_all or not one.needs_code
        ]
        found[date.id] = [one for one in sold if one.quotas or (one.row.seated and date.seated)]
    return found


def _seats_left(
    date: EventDate, kind: TicketType, found: Mapping[tuple[UUID, UUID], bool]
) -> SeatsLeft | None:
    if not (kind.seated and date.seated):
        return None
    general = [found[date.id, id] for id in kind.category_ids if (date.id, id) in found]
    if any(general):
        return SeatsLeft.GENERAL
    return SeatsLeft.ACCESSIBLE if general else SeatsLeft.NONE


async def _find_with_seats(
    session: AsyncSession, pairs: Sequence[tuple[UUID, UUID]]
) -> Mapping[tuple[UUID, UUID], bool]:
    """Return those of the dates and price categories of which the public sale has a seat.

    With whether one of them is general.
    """
    if not pairs:
        return {}
    given = {"dates": [date for date, _ in pairs], KEYS: [category for _, category in pairs]}
    rows = await WITH_SEATS.fetch(await connection_of(session), **given)
    return {(row["event_date_id"], row["category_id"]): row["general"] for row in rows}


async def _find_own_vendors(session: AsyncSession, viewer: Viewer) -> set[UUID]:
    if viewer.optional_user_id is None:
        return set()
    rows = member_vendor_ids(viewer.staff, Permission.SEE_EVENTS)
    return set((await session.exec(rows)).all())


async def _find_types(
    session: AsyncSession, event_ids: set[UUID]
) -> Mapping[UUID, list[TicketType]]:
    rows = select(TicketType).where(
        col(TicketType.event_id).in_(event_ids), TicketType.state == TicketTypeState.ACTIVE
    )
    found: defaultdict[UUID, list[TicketType]] = defaultdict(list)
    for one in await session.exec(rows.order_by(col(TicketType.position), col(TicketType.id))):
        found[one.event_id].append(one)
    return found


async def _find_quotas(
    session: AsyncSession, date_ids: Sequence[UUID]
) -> Mapping[UUID, list[TicketQuota]]:
    """Return the quotas of dates."""
    rows = select(TicketQuota).where(col(TicketQuota.event_date_id).in_(date_ids))
    found: defaultdict[UUID, list[TicketQuota]] = defaultdict(list)
    for quota in await session.exec(rows.order_by(col(TicketQuota.id))):
        found[quota.event_date_id].append(quota)
    return found


async def _find_links(session: AsyncSession, date_ids: Sequence[UUID]) -> set[tuple[UUID, UUID]]:
    """Return the pairs of ticket types and quotas of dates."""
    rows = (
        select(TypeQuota)
        .join(TicketQuota, col(TicketQuota.id) == col(TypeQuota.quota_id))
        .where(col(TicketQuota.event_date_id).in_(date_ids))
    )
    return {(one.ticket_type_id, one.quota_id) for one in await session.exec(rows)}


async def _find_tiers(
    session: AsyncSession, type_ids: Sequence[UUID]
) -> Mapping[UUID, list[PriceTier]]:
    rows = select(PriceTier).where(col(PriceTier.ticket_type_id).in_(type_ids))
    found: defaultdict[UUID, list[PriceTier]] = defaultdict(list)
    for tier in await session.exec(rows.order_by(col(PriceTier.position))):
        found[tier.ticket_type_id].append(tier)
    return found
