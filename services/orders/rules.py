"""The rules of each kind of line. A kind without rules is not sold."""

from collections.abc import Mapping

from models.orders.lines import LineKind
from services.bookings.ordering.order_lines import BookedTimes
from services.events.holds.order_lines import HeldTickets
from services.orders.kinds import LineRules
from services.stock.goods import Goods

RULES: Mapping[LineKind, LineRules] = {
    LineKind.GOODS: Goods(),
    LineKind.TICKET: HeldTickets(),
    LineKind.BOOKING: BookedTimes(),
}
