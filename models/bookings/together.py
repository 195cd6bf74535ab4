"""Bookings that were held together, as one visit."""

from collections.abc import Iterable
from datetime import datetime

from models.bookings.bookings import Booking
from models.bookings.setting_up.policies import CancelQuote
from models.pricing.amounts import BPS


def still_to_come(bookings: Iterable[Booking], moment: datetime) -> list[Booking]:
    """Return the bookings of a visit that have not begun or ended: those that can be cancelled."""
    return [one for one in bookings if one.occupies and one.starts_at > moment]


def quote_visit(bookings: Iterable[Booking], moment: datetime) -> CancelQuote | None:
    """Return what the customer gets back who cancels a visit. None if they cannot any more.

    They cannot either while one of its bookings is in an order that is not paid.
    """
    coming = still_to_come(bookings, moment)
    quotes = [quote for one in coming if (quote := one.cancel_quote(moment)) is not None]
    if not coming or len(quotes) < len(coming):
        return None
    refund, paid = sum(one.refund for one in quotes), sum(one.paid_online for one in coming)
    bps = refund * BPS // paid if paid else min(one.refund_bps for one in quotes)
    return CancelQuote(bps, refund, min(one.until for one in quotes))
