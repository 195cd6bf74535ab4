"""The database constraints on vouchers and redemptions, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

SCORED = "measures = '{}', advised = 'HELD', counters = 'LOST'"

RULES = [
    *places("redemption"),
    ("redemption_longitude_check", change("redemption", "longitude = 'Infinity'")),
    ("voucher_voucherstate_check", change("voucher", "state = 'LOST', redeemed_at = NULL")),
    ("redemption_redemptionreason_check", change("redemption", "reason='OK', outcome='REFUSED'")),
    ("redemption_redemptionoutcome_check", change("redemption", "reason='UNKNOWN', outcome='OK'")),
    ("voucher_claim_number_check", change("voucher", "claim_number = 0")),
    ("voucher_claim_number_check", change("voucher", "claim_number = 21")),
    ("voucher_redeemed_at_check", change("voucher", "redeemed_at = NULL")),
    ("voucher_redeemed_at_check", change("voucher", "state = 'CLAIMED'")),
    ("voucher_cancelled_at_check", change("voucher", "cancelled_at = now()")),
    (
        "voucher_cancelled_at_check",
        change("voucher", "state = 'CANCELLED', redeemed_at = NULL"),
    ),
    ("redemption_reason_fits_check", change("redemption", "reason = 'EXPIRED'")),
    ("redemption_reason_fits_check", change("redemption", "outcome = 'REFUSED'")),
    ("voucher_code_key", copy("voucher", claim_number=2)),
    ("voucher_claim_number_key", copy("voucher", code="other")),
    ("redemption_approved_key", copy("redemption")),
    *one_line("redemption", "device_id"),
    ("voucher_held_at_check", change("voucher", "held_at = now()")),
    ("redemption_checked_check", change("redemption", "outcome = 'BLOCKED', reason = 'UNKNOWN'")),
    ("redemption_checked_check", change("redemption", "outcome = 'HELD', reason = 'UNKNOWN'")),
    ("redemption_score_check", change("redemption", f"score = 101, {SCORED}")),
    (
        "redemption_advised_check",
        change("redemption", "score = 1, measures = '{}', advised = 'REFUSED', counters = 'LOST'"),
    ),
    (
        "redemption_counterstate_check",
        change("redemption", "score = 1, measures = '{}', advised = 'HELD', counters = 'NO'"),
    ),
    ("redemption_scored_check", change("redemption", "score = 1")),
]
PASSING = [
    copy("voucher", code="other", state="CANCELLED", redeemed_at=None, cancelled_at="today"),
    copy("redemption", outcome="REFUSED", reason="ALREADY_REDEEMED"),
]
