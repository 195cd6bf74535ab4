"""The constraints on changes of dates with their refunds."""

from tests.models.events.place_rules import UNKNOWN
from tests.models.sql import Rule, change, copy, one_line

CHANGE, REFUND, SALE = "event_date_change", "ticket_refund", "desk_sale"

RULES: list[Rule] = [
    ("event_date_change_datechangekind_check", change(CHANGE, f"kind = {UNKNOWN}")),
    ("event_date_change_refundchoice_check", change(CHANGE, f"refund = {UNKNOWN}")),
    ("event_date_change_refund_check", change(CHANGE, "kind = 'MOVED'")),
    *one_line(CHANGE, "reason"),
    ("event_date_change_revision_check", change(CHANGE, "revision = 0")),
    ("event_date_change_tickets_check", change(CHANGE, "tickets = -1")),
    ("event_date_change_event_date_id_revision_key", copy(CHANGE)),
    ("ticket_refund_ticketrefundstate_check", change(REFUND, f"state = {UNKNOWN}")),
    ("ticket_refund_tickets_check", change(REFUND, "tickets = 0")),
    ("ticket_refund_units_check", change(REFUND, "units = -1")),
    ("ticket_refund_code_check", change(REFUND, "state = 'REFUSED'")),
    ("ticket_refund_code_check", change(REFUND, "code = 'NOT_FOUND'")),
    ("ticket_refund_code_format_check", change(REFUND, "state = 'REFUSED', code = 'not found'")),
    ("ticket_refund_order_line_id_key", copy(REFUND)),
    ("desk_sale_deskpayment_check", change(SALE, f"paid = {UNKNOWN}")),
    ("desk_sale_total_check", change(SALE, "total = -1")),
    ("desk_sale_total_check", change(SALE, "paid = 'COMP'")),
    ("desk_sale_hold_id_key", copy(SALE)),
]
