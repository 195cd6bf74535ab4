"""What was paid of a booking, beside its price."""

from models.bookings.bookings import Booking, CancelledBy
from models.orders.lines import OrderLine


def surplus_of(booking: Booking, rest: OrderLine) -> int:
    """Return what was paid online of the rest beyond what was due, and has not gone back.

    Its line has the taxes on top of the price, and its discounts. Nothing is due of a booking that
    the vendor cancelled.
    """
    if booking.cancelled_by is CancelledBy.VENDOR:
        return booking.paid_balance
    kept = -(-rest.total * booking.due_balance // rest.goods) if rest.goods else 0
    return max(0, booking.paid_balance - kept)
