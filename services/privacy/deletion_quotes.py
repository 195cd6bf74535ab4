"""Reasons against the deletion of an account, and its consequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import OCCUPYING, Booking
from models.errors import Refusal
from models.events.dates import EventDate, to_come
from models.events.tickets import Ticket, TicketState
from models.redemptions import Voucher, VoucherState
from models.vendors import VendorMember
from services.privacy.hindrances import find_hindrances
from services.viewer import Viewer


@dataclass(frozen=True)
class DeletionQuote:
    """Why an account must stay for now, and the numbers of what ends with it."""

    hindrances: Sequence[Refusal]
    bookings: int
    tickets: int
    vouchers: int
    memberships: int


async def quote_deletion(session: AsyncSession, viewer: Viewer) -> DeletionQuote:
    """Return what the deletion of the viewer's account would come to now."""
    user_id = viewer.require_user()
    dates = select(EventDate.id).where(to_come())
    to_use = Ticket.state == TicketState.VALID, col(Ticket.event_date_id).in_(dates)
    unused = Voucher.state == VoucherState.CLAIMED, Voucher.expires_at > now()
    ahead = col(Booking.state).in_(OCCUPYING), Booking.starts_at > now()
    counts: Any = select(
        _count(Booking, Booking.user_id == user_id, *ahead),
        _count(Ticket, Ticket.holder_id == user_id, *to_use),
        _count(Voucher, Voucher.user_id == user_id, *unused),
        _count(VendorMember, VendorMember.user_id == user_id),
    )
    hindrances = await find_hindrances(session, user_id)
    return DeletionQuote(hindrances, *(await session.exec(counts)).one())


def _count(table: Any, *conditions: Any) -> Any:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()
