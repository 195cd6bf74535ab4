"""The database constraints on gifts of vouchers, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

RULES = [
    (
        "voucher_gift_giftstate_check",
        change("voucher_gift", "state = 'LOST', ended_at = now(), code = NULL"),
    ),
    ("voucher_gift_ended_at_check", change("voucher_gift", "ended_at = now()")),
    ("voucher_gift_code_check", change("voucher_gift", "code = NULL")),
    (
        "voucher_gift_accepted_check",
        change(
            "voucher_gift",
            "state = 'ACCEPTED', to_user_id = NULL, code = NULL, ended_at = now()",
        ),
    ),
    ("voucher_gift_other_user_check", change("voucher_gift", "to_user_id = from_user_id")),
    ("voucher_gift_offered_key", copy("voucher_gift", code="other")),
    (
        "voucher_gift_accepted_key",
        change("voucher_gift", "state = 'ACCEPTED', code = NULL, ended_at = now()")
        + ";"
        + copy("voucher_gift"),
    ),
    ("voucher_gift_code_key", copy("voucher_gift")),
    (
        "voucher_revocation_codesended_check",
        change("voucher_revocation", "kind = 'LOST', by_id = NULL, reason = NULL"),
    ),
    ("offline_limit_scans_check", change("offline_limit", "scans = 10001")),
    ("offline_limit_vendor_id_key", copy("offline_limit")),
    ("voucher_revocation_generation_check", change("voucher_revocation", "generation = 1")),
    ("voucher_revocation_reissued_check", change("voucher_revocation", "reason = NULL")),
    ("voucher_revocation_reissued_check", change("voucher_revocation", "kind = 'GIVEN'")),
    ("voucher_revocation_voucher_id_generation_key", copy("voucher_revocation")),
    *one_line("voucher_revocation", "reason"),
]
PASSING = [
    change("voucher_gift", "state = 'LAPSED', code = NULL, ended_at = now()"),
    copy("voucher_revocation", generation=3),
]
