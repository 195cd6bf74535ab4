"""The constraints on holds, tickets, transfers, resale, seats of dates and waitlists."""

from tests.models.events.place_rules import UNKNOWN, many
from tests.models.sql import Rule, change, copy, one_line

HOLD, LINE, TICKET, TRANSFER = "ticket_hold", "hold_line", "ticket", "ticket_transfer"
LISTING, PLACE, ENTRY, ANSWER = "resale_listing", "seat_place", "waitlist_entry", "attendee_answer"
OTHER_ID = "00000000-0000-0000-0000-000000000001"
ENDED = "ended_at = now()"
SEAT = {"seat_id": OTHER_ID, "position": 1}

RULES: list[Rule] = [
    ("ticket_link_secret_hash_check", change("ticket_link", "secret_hash = 'a'")),
    ("ticket_link_order_id_key", copy("ticket_link", secret_hash="\\x" + "32" * 32)),
    ("ticket_link_secret_hash_key", copy("ticket_link", order_id=OTHER_ID)),
    ("ticket_hold_holdstate_check", change(HOLD, f"state = {UNKNOWN}, {ENDED}")),
    ("ticket_hold_holdsource_check", change(HOLD, f"source = {UNKNOWN}")),
    ("ticket_hold_expires_at_check", change(HOLD, "expires_at = hard_until + interval '1 s'")),
    (
        "ticket_hold_hard_until_check",
        change(HOLD, "hard_until = created_at + interval '32 minutes'"),
    ),
    ("ticket_hold_ended_at_check", change(HOLD, ENDED)),
    ("ticket_hold_ended_at_check", change(HOLD, "state = 'SOLD'")),
    ("ticket_hold_entry_id_check", change(HOLD, "source = 'WAITLIST'")),
    ("ticket_hold_entry_id_check", change(HOLD, "entry_id = gen_random_uuid()")),
    ("ticket_hold_order_id_check", change(HOLD, "order_id = gen_random_uuid()")),
    ("ticket_hold_revision_check", change(HOLD, "revision = -1")),
    ("ticket_hold_open_key", copy(HOLD)),
    ("hold_line_quantity_check", change(LINE, "quantity = 0")),
    ("hold_line_quantity_check", change(LINE, "quantity = 51")),
    ("hold_line_admits_check", change(LINE, "admits = 0")),
    ("hold_line_admits_check", change(LINE, "admits = 21")),
    ("hold_line_position_check", change(LINE, "position = 60")),
    ("hold_line_price_check", change(LINE, "price = -1")),
    ("hold_line_quota_ids_check", change(LINE, f"quota_ids = {many(21)}")),
    ("hold_line_seat_check", change(LINE, "seat_id = gen_random_uuid(), quantity = 2")),
    ("hold_line_hold_id_key", copy(LINE)),
    (
        "hold_line_seat_key",
        change(LINE, f"seat_id = '{OTHER_ID}'") + ";" + copy(LINE, position=1),
    ),
    ("ticket_buyer_tickets_check", change("ticket_buyer", "tickets = -1")),
    ("ticket_ticketstate_check", change(TICKET, f"state = {UNKNOWN}")),
    ("ticket_ticketsource_check", change(TICKET, f"source = {UNKNOWN}")),
    ("ticket_transferpolicy_check", change(TICKET, f"transfer = {UNKNOWN}")),
    ("ticket_generation_check", change(TICKET, "generation = 0")),
    ("ticket_code_check", change(TICKET, "code = '7QX4M'")),
    ("ticket_price_check", change(TICKET, "price = -1")),
    ("ticket_refund_bps_check", change(TICKET, "refund_bps = 10001")),
    ("ticket_quota_ids_check", change(TICKET, f"quota_ids = {many(21)}")),
    ("ticket_cancelled_at_check", change(TICKET, "cancelled_at = now()")),
    ("ticket_cancelled_at_check", change(TICKET, "state = 'CANCELLED'")),
    ("ticket_order_line_id_check", change(TICKET, "source = 'ORDER'")),
    ("ticket_order_line_id_check", change(TICKET, "order_line_id = gen_random_uuid()")),
    ("ticket_cancel_reason_check", change(TICKET, "cancel_reason = 'Ill'")),
    *(
        (name, statement + ", state = 'CANCELLED', cancelled_at = now()")
        for name, statement in one_line(TICKET, "cancel_reason")
    ),
    ("ticket_code_key", copy(TICKET, seat_id=None)),
    ("ticket_seat_key", copy(TICKET, code="00000-00000")),
    ("ticket_transfer_transferstate_check", change(TRANSFER, f"state = {UNKNOWN}, {ENDED}")),
    ("ticket_transfer_transferto_check", change(TRANSFER, f"to_kind = {UNKNOWN}")),
    ("ticket_transfer_to_check", change(TRANSFER, "to_kind = 'USER'")),
    ("ticket_transfer_to_check", change(TRANSFER, "address = NULL")),
    ("ticket_transfer_address_check", change(TRANSFER, "secret_hash = NULL")),
    ("ticket_transfer_address_lookup_check", change(TRANSFER, "address_lookup = '1'")),
    ("ticket_transfer_next_address_lookup_check", change(TRANSFER, "next_address_lookup = '1'")),
    ("ticket_transfer_generation_check", change(TRANSFER, "generation = 0")),
    ("ticket_transfer_ended_at_check", change(TRANSFER, ENDED)),
    ("ticket_transfer_accepted_check", change(TRANSFER, f"state = 'ACCEPTED', {ENDED}")),
    ("ticket_transfer_secret_hash_key", copy(TRANSFER)),
    ("ticket_transfer_pending_key", copy(TRANSFER, secret_hash="\\x01")),
    ("resale_listing_resalestate_check", change(LISTING, f"state = {UNKNOWN}, {ENDED}")),
    ("resale_listing_ended_at_check", change(LISTING, ENDED)),
    ("resale_listing_hold_id_check", change(LISTING, f"state = 'SOLD', {ENDED}")),
    ("resale_listing_refund_check", change(LISTING, "refund = 'DUE'")),
    ("resale_listing_code_check", change(LISTING, "code = 'NOT_FOUND'")),
    (
        "resale_listing_code_format_check",
        change(LISTING, f"state = 'SOLD', refund = 'REFUSED', code = 'low', {ENDED}, hold_id = id"),
    ),
    (
        "resale_listing_ticketrefundstate_check",
        change(LISTING, f"state = 'SOLD', refund = {UNKNOWN}, {ENDED}, hold_id = id"),
    ),
    ("hold_line_resale_id_check", change("hold_line", "resale_id = id, quantity = 2")),
    ("resale_listing_price_check", change(LISTING, "price = -1")),
    ("resale_listing_listed_key", copy(LISTING)),
    ("seat_row_rank_check", change("seat_row", "rank = -1")),
    ("seat_row_centre_check", change("seat_row", "centre = 62")),
    ("seat_row_sizes_check", change("seat_row", "sizes = 1")),
    ("seat_row_sizes_check", change("seat_row", "sizes = -2")),
    (
        "seat_place_placestate_check",
        change(PLACE, f"state = {UNKNOWN}, hold_id = NULL, expires_at = NULL"),
    ),
    ("seat_place_state_check", change(PLACE, "state = 'FREE'")),
    ("seat_place_state_check", change(PLACE, "state = 'SOLD'")),
    ("seat_place_state_check", change(PLACE, "hold_id = NULL")),
    ("seat_place_state_check", change(PLACE, "expires_at = NULL")),
    ("seat_place_state_check", change(PLACE, "state = 'BLOCKED'")),
    ("seat_place_pos_check", change(PLACE, "pos = 62")),
    ("seat_place_reason_check", change(PLACE, "reason = 'Camera'")),
    *(
        (name, statement + ", state = 'BLOCKED', hold_id = NULL, expires_at = NULL")
        for name, statement in one_line(PLACE, "reason")
    ),
    ("seat_place_pos_key", copy(PLACE, seat_id=OTHER_ID)),
    ("waitlist_entry_waitliststate_check", change(ENTRY, f"state = {UNKNOWN}, {ENDED}")),
    ("waitlist_entry_together_check", change(ENTRY, f"together = {UNKNOWN}")),
    ("waitlist_entry_tickets_check", change(ENTRY, "least = 0")),
    ("waitlist_entry_tickets_check", change(ENTRY, "least = 3")),
    ("waitlist_entry_tickets_check", change(ENTRY, "most = 11")),
    ("waitlist_entry_accessible_check", change(ENTRY, "accessible = 3")),
    ("waitlist_entry_type_ids_check", change(ENTRY, f"type_ids = {many(21)}")),
    ("waitlist_entry_priority_check", change(ENTRY, "priority = 101")),
    ("waitlist_entry_counters_check", change(ENTRY, "skips = -1")),
    ("waitlist_entry_counters_check", change(ENTRY, "unanswered = -1")),
    ("waitlist_entry_ended_at_check", change(ENTRY, ENDED)),
    ("waitlist_entry_live_key", copy(ENTRY)),
    ("attendee_answer_place_check", change(ANSWER, "place = 10000")),
    ("attendee_answer_of_check", change(ANSWER, "hold_id = NULL, ticket_id = NULL")),
    ("attendee_answer_hold_key", copy(ANSWER, ticket_id=None)),
    ("attendee_answer_ticket_key", copy(ANSWER, place=1)),
]
WITH = {
    "hold_line_resale_id_fkey": "quota_ids = '{}'",
    "ticket_hold_entry_id_fkey": "source = 'WAITLIST'",
    "ticket_hold_order_id_fkey": "state = 'CHECKOUT'",
    "ticket_order_line_id_fkey": "source = 'ORDER'",
    "seat_place_ticket_id_fkey": "state = 'SOLD', hold_id = NULL, expires_at = NULL",
}
PASSING = [
    copy(HOLD, source="DESK"),
    copy(HOLD, state="RELEASED", ended_at="2026-01-01T00:00:00Z"),
    copy(TICKET, code="00000-00000", state="CANCELLED", cancelled_at="2026-01-01T00:00:00Z"),
    copy(ENTRY, state="LEFT", ended_at="2026-01-01T00:00:00Z"),
]
