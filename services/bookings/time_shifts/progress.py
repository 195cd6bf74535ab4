"""How far the bookings have been derived again by a version of the time zones' rules."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.ids import FIRST_ID
from models.bookings.bookings import OCCUPYING, Booking
from models.bookings.time_shifts import ZoneRules

BATCH_SIZE = 50  # vendors


async def find_next_vendors(session: AsyncSession, version: str) -> Sequence[UUID]:
    """Return the next vendors whose bookings are to be derived, none if all were.

    Two workers that begin a version at once: one waits for the other, and finds its row.
    """
    rules = await _lock_rules(session, version)
    if rules is None:
        rules = ZoneRules(version=version, after_id=FIRST_ID)
        session.add(rules)
        await session.flush()
    if rules.ended_at is not None:
        return []
    rows = (
        select(Booking.vendor_id)
        .where(
            col(Booking.state).in_(OCCUPYING),
            Booking.starts_at > now(),
            Booking.vendor_id > rules.after_id,
        )
        .distinct()
        .order_by(col(Booking.vendor_id))
        .limit(BATCH_SIZE)
    )
    found = (await session.exec(rows)).all()
    if not found:
        rules.ended_at = now()
    return found


async def note_done(session: AsyncSession, version: str, vendor_id: UUID) -> None:
    rules = await _lock_rules(session, version)
    if rules is not None:
        rules.after_id = max(rules.after_id, vendor_id)


async def _lock_rules(session: AsyncSession, version: str) -> ZoneRules | None:
    rows = select(ZoneRules).where(ZoneRules.version == version)
    return (await session.exec(for_change(rows))).first()
