"""The end of the waitlist of a date that was cancelled."""

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.events.dates import EventDate
from models.events.selling.waitlist import WaitlistEntry, WaitlistState


async def close_waitlist(session: AsyncSession, date: EventDate) -> None:
    waiting = update(WaitlistEntry).where(
        col(WaitlistEntry.event_date_id) == date.id,
        col(WaitlistEntry.state).in_([WaitlistState.WAITING, WaitlistState.HOLDING]),
    )
    await session.exec(waiting.values(state=WaitlistState.LAPSED, ended_at=now()))
