"""The constraints on claims, meetings, bookings, waits, series and calendar feeds."""

from tests.models.bookings.setup_rules import enums, ranges, same_id, spans
from tests.models.sql import Rule, change, copy, one_line

BOOKING, CLAIM, MEETING, WAIT = "booking", "claim", "class_meeting", "booking_wait"
FEED, BUSY, BLOCK = "calendar_feed", "busy_feed", "time_block"
VISIT_PAYMENT = "visit_payment"
LATER = "blocked_until = blocked_from"


RULES: list[Rule] = [
    ("claim_span_check", change(CLAIM, LATER)),
    ("claim_span_check", change(CLAIM, f"{LATER} + interval '1441 minutes'")),
    ("claim_minutes_check", change(CLAIM, "blocked_from = blocked_from + interval '1 s'")),
    ("claim_minutes_check", change(CLAIM, "blocked_until = blocked_until + interval '1 ms'")),
    *ranges(CLAIM, lane=(-1, 20)),
    ("claim_owner_check", change(CLAIM, "booking_id = NULL")),
    ("claim_owner_check", change(CLAIM, "block_id = booking_id")),
    ("claim_owner_check", change(CLAIM, "meeting_id = booking_id")),
    (
        "claim_expires_at_check",
        change(CLAIM, "expires_at = now(), block_id = booking_id, booking_id = NULL"),
    ),
    (
        "claim_during_excl",
        """INSERT INTO claim (id, created_at, resource_id, lane, booking_id, blocked_from,
        blocked_until) SELECT gen_random_uuid(), now(), resource_id, lane, booking_id,
        blocked_until - interval '1 minute', blocked_until FROM claim""",
    ),
    *one_line(BLOCK, "reason"),
    *enums(BLOCK, source="blocksource"),
    ("time_block_span_check", change(BLOCK, "ends_at = starts_at")),
    ("time_block_span_check", change(BLOCK, "ends_at = starts_at + interval '367 days'")),
    ("time_block_feed_id_check", change(BLOCK, "source = 'BUSY_FEED'")),
    ("time_block_feed_id_check", change(BLOCK, "feed_id = resource_id")),
    *enums(MEETING, state="meetingstate"),
    ("class_meeting_span_check", change(MEETING, "ends_at = starts_at")),
    *ranges(MEETING, seats=(201,), taken=(-1, 6)),
    ("class_meeting_seats_check", change(MEETING, "seats = 0, taken = 0")),
    ("class_meeting_start_key", copy(MEETING)),
    *enums(BOOKING, state="bookingstate", source="bookingsource"),
    ("booking_cancelledby_check", change(BOOKING, "state = 'CANCELLED', cancelled_by = 'OTHERS'")),
    ("booking_span_check", change(BOOKING, "ends_at = starts_at")),
    ("booking_span_check", change(BOOKING, "ends_at = starts_at + interval '25 hours'")),
    *ranges(
        BOOKING,
        fold=(-1, 2),
        revision=(-1,),
        number=(-1, 52),
        price=(10**12 + 1,),
        due_online=(-1, 500_01),
        paid_online=(-1, 1),
        due_balance=(-1, 500_01),
        paid_balance=(-1, 1),
        refund_cap_bps=(-1, 10_001),
        no_show_bps=(-1, 10_001),
        moves_left=(-1, 21),
        refund_tiers=(spans(7),),
        note=("''",),
        reason=("''",),
    ),
    ("booking_series_check", change(BOOKING, "series_id = NULL")),
    ("booking_series_check", change(BOOKING, "number = NULL")),
    ("booking_expires_at_check", change(BOOKING, "state = 'HELD'")),
    ("booking_expires_at_check", change(BOOKING, "state = 'REQUESTED'")),
    (
        "booking_hard_until_check",
        change(BOOKING, "expires_at = now(), hard_until = now() - interval '1 s'"),
    ),
    ("booking_cancelled_by_check", change(BOOKING, "cancelled_by = 'VENDOR'")),
    ("booking_cancelled_by_check", change(BOOKING, "state = 'CANCELLED'")),
    ("booking_user_id_check", change(BOOKING, "user_id = NULL")),
    ("booking_confirmed_at_check", change(BOOKING, "state = 'COMPLETED', confirmed_at = NULL")),
    ("booking_confirmed_at_check", change(BOOKING, "state = 'NO_SHOW', confirmed_at = NULL")),
    ("booking_order_check", change(BOOKING, "state = 'PENDING_PAYMENT'")),
    ("booking_series_id_number_key", copy(BOOKING, meeting_id=None, wait_id=None)),
    ("booking_meeting_user_key", copy(BOOKING, number=1, wait_id=None)),
    ("booking_wait_key", copy(BOOKING, meeting_id=None, number=1)),
    same_id(BOOKING, meeting_id=None, number=1, wait_id=None),
    *ranges("booking_move", revision=(0,)),
    ("booking_move_booking_id_revision_key", copy("booking_move")),
    *enums("booking_series", on_conflict="onconflict"),
    *ranges("booking_series", count=(1, 53)),
    ("booking_series_count_check", change("booking_series", "occurrences = '[]'")),
    *ranges(WAIT, weekdays=(0, 128), lapses=(-1,)),
    ("booking_wait_bookingwaitstate_check", change(WAIT, "state = 'GONE', ended_at = now()")),
    ("booking_wait_days_check", change(WAIT, "until_day = from_day - 1")),
    ("booking_wait_days_check", change(WAIT, "until_day = from_day + 181")),
    ("booking_wait_minutes_check", change(WAIT, "day_from = -1")),
    ("booking_wait_minutes_check", change(WAIT, "day_from = day_until")),
    ("booking_wait_minutes_check", change(WAIT, "day_until = 1441")),
    ("booking_wait_ended_at_check", change(WAIT, "state = 'LEFT'")),
    ("booking_wait_ended_at_check", change(WAIT, "ended_at = now()")),
    ("booking_wait_live_key", copy(WAIT)),
    *ranges("booking", paid_at_desk=(-1,)),
    ("visit_payment_visitpaymentmethod_check", copy(VISIT_PAYMENT, method="GONE")),
    *(("visit_payment_amount_check", copy(VISIT_PAYMENT, amount=n)) for n in (0, -1, 10**12 + 1)),
    (
        "visit_payment_undoes_key",
        """INSERT INTO visit_payment (
            id, created_at, booking_id, method, amount, undoes_id, recorded_by_id
        ) SELECT gen_random_uuid(), now(), booking_id, method, -amount, id, recorded_by_id
        FROM visit_payment, generate_series(1, 2)""",
    ),
    *one_line("waiting_room_display", "name"),
    ("waiting_room_display_key_hash_check", change("waiting_room_display", "key_hash = '1'")),
    ("waiting_room_display_key_hash_key", copy("waiting_room_display")),
    ("calendar_feed_secret_hash_check", change(FEED, "secret_hash = '1'")),
    ("calendar_feed_secret_hash_key", copy(FEED)),
    ("calendar_feed_scope_of_check", change(FEED, "scope = 'MINE'")),
    ("calendar_feed_scope_of_check", change(FEED, "scope = 'VENDOR'")),
    ("calendar_feed_scope_of_check", change(FEED, "resource_id = NULL")),
    ("calendar_feed_feedscope_check", change(FEED, "scope = 'GONE'")),
    *ranges(BUSY, failures=(-1,)),
]
WITH = {
    "service_vendor_id_fkey": "locale = locale WHERE state = 'DRAFT'",
    "claim_meeting_id_fkey": "booking_id = NULL",
    "claim_block_id_fkey": "booking_id = NULL",
    "time_block_feed_id_fkey": "source = 'BUSY_FEED'",
}
# A trigger refuses every UPDATE. One that refers to another payment undoes it.
COPIED: dict[str, dict[str, object]] = {
    VISIT_PAYMENT: {},
    "visit_payment_undoes_id_fkey": {"amount": -1},
}
