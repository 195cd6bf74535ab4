"""The database constraints on vouchers and redemptions, with SQL that violates each of them."""

from tests.models.sql import change, copy, copy_where, one_line, places

SCORED = "measures = '{}', advised = 'HELD', counters = 'LOST'"
REDEEMED = "WHERE outcome = 'APPROVED'"

DROP_KIND = "ALTER TABLE offer_household DROP CONSTRAINT offer_household_kind_check;"
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
    ("redemption_reason_fits_check", change("redemption", f"reason = 'EXPIRED' {REDEEMED}")),
    ("redemption_reason_fits_check", change("redemption", f"outcome = 'REFUSED' {REDEEMED}")),
    ("voucher_holder_number_check", change("voucher", "holder_number = 21")),
    ("voucher_giver_check", change("voucher", "giver_id = user_id")),
    ("voucher_uses_check", change("voucher", "uses = -1")),
    ("voucher_used_check", change("voucher", "used = 2")),
    ("voucher_used_check", change("voucher", "used = -1")),
    ("voucher_max_uses_check", change("voucher", "max_uses = 0")),
    ("voucher_max_uses_check", change("voucher", "max_uses = 1001")),
    ("voucher_balance_check", change("voucher", "value_minor = 5")),
    ("voucher_balance_check", change("voucher", "value_minor = 5, balance_minor = 6")),
    ("voucher_balance_check", change("voucher", "value_minor = 5, balance_minor = -1")),
    ("redemption_use_no_check", change("redemption", "use_no = 0")),
    ("redemption_amount_check", change("redemption", "amount_minor = -1")),
    ("redemption_failed_rule_check", change("redemption", "failed_rule = 'BRANCH'")),
    (
        "redemption_failed_rule_check",
        change("redemption", "outcome = 'REFUSED', reason = 'RULE_FAILED'"),
    ),
    ("bill_amount_check", change("bill", "amount_minor = 0, discount_minor = 0")),
    ("bill_discount_check", change("bill", "discount_minor = 1001")),
    ("bill_discount_check", change("bill", "discount_minor = -1")),
    ("bill_uses_check", change("bill", "uses = -1")),
    ("bill_uses_check", change("bill", "uses = 0")),
    ("bill_alone_check", change("bill", "alone = true, uses = 2")),
    *one_line("bill", "reference"),
    ("bill_vendor_id_reference_key", copy("bill")),
    ("bill_use_group_check", change("bill_use", "stack_group = ''")),
    ("bill_use_amount_check", change("bill_use", "amount_minor = -1")),
    ("bill_use_redemption_id_key", copy("bill_use", stack_group="other")),
    ("offer_household_linkkind_check", DROP_KIND + change("offer_household", "kind = 'NAME'")),
    ("offer_household_kind_check", change("offer_household", "kind = 'ADDRESS'")),
    ("offer_household_hash_check", change("offer_household", "hash = '1'")),
    ("vendor_visit_visits_check", change("vendor_visit", "visits = -1")),
    ("voucher_generation_check", change("voucher", "generation = 0")),
    ("voucher_holder_number_key", copy("voucher", code="third", claim_number=2)),
    ("redemption_scanmode_check", change("redemption", "mode = 'LOST'")),
    ("redemption_scan_id_check", change("redemption", "scan_id = id, scanner_id = NULL")),
    ("redemption_mode_fits_check", change("redemption", "mode = 'OFFLINE'")),
    ("redemption_mode_fits_check", change("redemption", "seq = 1")),
    ("redemption_token_hash_check", change("redemption", "token_hash = '1'")),
    (
        "redemption_offlinebreach_check",
        change(
            "redemption",
            "mode = 'OFFLINE', scan_id = id, scanner_id = id, seq = 1, scanned_at = now(),"
            " moment = now(), shown = 'GREEN', breach = 'LOST'",
        ),
    ),
    ("redemption_breach_check", change("redemption", "breach = 'OFFLINE_LIMIT'")),
    ("redemption_breach_check", change("redemption", "bundle_at = now()")),
    (
        "redemption_scanlight_check",
        change(
            "redemption",
            "mode = 'OFFLINE', scan_id = id, scanner_id = id, seq = 1, scanned_at = now(),"
            " moment = now(), shown = 'AMBER'",
        ),
    ),
    (
        "redemption_scan_id_key",
        change("redemption", "scan_id = voucher_id, scanner_id = voucher_id")
        + ";"
        + copy("redemption", outcome="REFUSED", reason="EXPIRED"),
    ),
    ("redemption_reversed_check", change("redemption", "reversed_at = now()")),
    (
        "redemption_reversed_of_approved_check",
        change(
            "redemption",
            "outcome = 'REFUSED', reason = 'EXPIRED', reversed_at = now(),"
            " reversed_by_id = member_id, reverse_reason = 'Wrong customer'",
        ),
    ),
    ("voucher_code_key", copy("voucher", claim_number=2, holder_number=2)),
    ("voucher_claim_number_key", copy("voucher", code="other", holder_number=2)),
    ("redemption_approved_key", copy_where("redemption", "outcome = 'APPROVED'", {})),
    (
        "redemption_held_key",
        change("redemption", f"outcome = 'HELD', reason = 'BEING_CHECKED' {REDEEMED}")
        + ";"
        + copy_where("redemption", "outcome = 'HELD'", {}),
    ),
    *one_line("redemption", "device_id"),
    *one_line("redemption", "reverse_reason"),
    ("voucher_held_at_check", change("voucher", "held_at = now()")),
    ("voucher_last_step_check", change("voucher", "last_step = -1")),
    ("redemption_step_check", change("redemption", "step = -1")),
    ("voucher_claim_latitude_check", change("voucher", "claim_latitude = 91, claim_longitude = 0")),
    (
        "voucher_claim_longitude_check",
        change("voucher", "claim_latitude = 0, claim_longitude = 181"),
    ),
    (
        "voucher_claim_location_check",
        change("voucher", "claim_latitude = 0, claim_longitude = NULL"),
    ),
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
WITH = {
    "redemption_reversed_by_id_fkey": (
        f"reversed_at = now(), reverse_reason = 'Wrong customer' {REDEEMED}"
    ),
}
