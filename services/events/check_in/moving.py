"""Check-in lists of dates that get another time."""

from datetime import timedelta

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from models.events.check_in.lists import CheckInList
from models.events.dates import EventDate
from services.events.entries import CheckInChanged
from services.journal import append as journal
from services.journal.topics import check_in_topic


async def move_lists(session: AsyncSession, date: EventDate, shift: timedelta) -> None:
    """Let the lists of a date admit tickets as long before and after its new start."""
    rows = select(CheckInList).where(
        CheckInList.event_date_id == date.id,
        col(CheckInList.archived_at).is_(None),
        or_(col(CheckInList.opens_at).is_not(None), col(CheckInList.closes_at).is_not(None)),
    )
    for door in (await session.exec(for_change(rows.order_by(col(CheckInList.id))))).all():
        if door.opens_at is not None:
            door.opens_at += shift
        if door.closes_at is not None:
            door.closes_at += shift
        journal.append(session, CheckInChanged(door.id), to=[check_in_topic(door.id)])
