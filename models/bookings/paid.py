"""Amounts paid for a booking, beside its price."""

from models.bookings.bookings import Booking, CancelledBy
from models.orders.lines import OrderLine
from models.pricing.amounts import BPS


def surplus_of(booking: Booking, rest: OrderLine) -> int:
    """Return what was paid online of the rest beyond what was due, and has not gone back.

    Its line has the taxes on top of the price, and its discounts. Nothing is due of a booking that
    the vendor cancelled.
    """
    if booking.cancelled_by is CancelledBy.VENDOR:
        return booking.paid_balance
    kept = -(-rest.total * booking.due_balance // rest.goods) if rest.goods else 0
    return max(0, booking.paid_balance - kept)


def moved_price(booking: Booking, price: int) -> int:
    """Return the price of a booking that its customer moves to a time of another price.

    Once cancelling costs something, what was paid is the least that a cheaper time costs: otherwise
    a move to one would give back what the terms keep.
    """
    if booking.refund_cap_bps == BPS:
        return price
    ordered = booking.due_online + booking.due_balance
    return max(price, min(booking.price, ordered, booking.paid_online))
