"""Counts of what a suspension of a vendor stops, and of what it leaves to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.bookings.bookings import OCCUPYING, Booking
from models.events.dates import EventDate, to_come
from models.offers.offers import Offer, OfferState
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from models.redemptions import Voucher, VoucherState
from models.vendors import Vendor, VendorStatus
from services.viewer import Viewer

OPEN_PARTS = (SubOrderState.CONFIRMED, SubOrderState.PREPARING, SubOrderState.SHIPPED)


@dataclass(frozen=True)
class SuspensionQuote:
    """The numbers of a vendor's rows that a suspension concerns."""

    offers: int
    vouchers: int
    suborders: int
    bookings: int
    event_dates: int


async def quote_suspensions(
    session: AsyncSession, viewer: Viewer, vendor_ids: Sequence[UUID]
) -> Mapping[UUID, SuspensionQuote]:
    """Count what approved vendors have going on, for admins."""
    if not viewer.admin:
        return {}
    claimed = Voucher.state == VoucherState.CLAIMED
    columns: list[Any] = [
        col(Vendor.id),
        _count(Offer, Offer.state == OfferState.PUBLISHED, Offer.ends_at > now()),
        _count(Voucher, claimed, Voucher.expires_at > now()),
        _count(SubOrder, col(SubOrder.state).in_(OPEN_PARTS)),
        _count(Booking, col(Booking.state).in_(OCCUPYING), Booking.starts_at > now()),
        _count(EventDate, to_come()),
    ]
    rows: Any = select(*columns).where(
        col(Vendor.id).in_(vendor_ids), Vendor.status == VendorStatus.APPROVED
    )
    return {id: SuspensionQuote(*counts) for id, *counts in await session.exec(rows)}


def _count(table: Any, *conditions: Any) -> Any:
    counted = select(func.count()).select_from(table)
    counted = counted.where(col(table.vendor_id) == col(Vendor.id), *conditions)
    return counted.correlate(Vendor).scalar_subquery()
