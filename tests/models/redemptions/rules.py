"""The database constraints on vouchers and redemptions, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

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
]
PASSING = [
    copy("voucher", code="other", state="CANCELLED", redeemed_at=None, cancelled_at="today"),
    copy("redemption", outcome="REFUSED", reason="ALREADY_REDEEMED"),
]
