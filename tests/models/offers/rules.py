"""The database constraints on offers, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line, places

TERMS = "terms_id = (SELECT id FROM offer_terms)"
IMPORT, RESULT = "offer_import", "offer_import_row"
# All that must not be null: the position is generated.
COLUMNS = (
    "created_at, vendor_id, external_id, category_id, state, locale, title, description, terms,"
    " discount_kind, percent, currency, claimed, per_user_limit, starts_at, ends_at, country,"
    " pin_codes, latitude, longitude, search_text"
)
RULES = [
    *places("offer"),
    *places("city"),
    *one_line("city", "name"),
    *one_line("city", "key"),
    ("city_country_key_key", copy("city")),
    ("listing_discountkind_check", change("listing", "kind = 'NONE'")),
    ("listing_pin_pin_check", change("listing_pin", "pin = 'in560001'")),
    ("listing_rank_likes_check", change("listing_rank", "likes = -1")),
    ("listing_rank_claims_check", change("listing_rank", "claims = -1")),
    ("facet_count_number_check", change("facet_count", "number = -1")),
    ("facet_count_band_check", change("facet_count", "band = 11 WHERE kind = ''")),
    ("suggestion_suggestionkind_check", change("suggestion", "kind = 'NONE'")),
    ("suggestion_stored_check", change("suggestion", "kind = 'TERM'")),
    ("suggestion_weight_check", change("suggestion", "weight = 0")),
    ("suggestion_key_check", change("suggestion", "key = ''")),
    ("term_documents_check", change("term", "documents = -1")),
    ("term_word_check", change("term", "word = ''")),
    ("offer_offerstate_check", change("offer", "state = 'GONE'")),
    (
        "offer_discountkind_check",
        "ALTER TABLE offer DROP CONSTRAINT offer_discount_check;"
        + change("offer", "discount_kind = 'NONE'"),
    ),
    ("offer_capacity_check", change("offer", "claimed = capacity + 1")),
    ("offer_capacity_check", change("offer", "claimed = -1")),
    ("offer_capacity_check", change("offer", "claimed = -1, capacity = NULL")),
    ("offer_capacity_range_check", change("offer", "capacity = 0, claimed = 0")),
    ("offer_capacity_range_check", change("offer", "capacity = 1000001")),
    ("offer_per_user_limit_check", change("offer", "per_user_limit = 0")),
    ("offer_per_user_limit_check", change("offer", "per_user_limit = 21")),
    ("offer_voucher_uses_check", change("offer", f"voucher_uses = 0, {TERMS}")),
    ("offer_voucher_uses_check", change("offer", f"voucher_uses = 1001, {TERMS}")),
    ("offer_voucher_minor_check", change("offer", f"voucher_minor = 0, {TERMS}")),
    ("offer_terms_check", change("offer", "voucher_uses = 2")),
    ("offer_terms_check", change("offer", "claims_judged = true")),
    ("offer_terms_version_check", copy("offer_terms", version=101)),
    ("offer_terms_rules_check", copy("offer_terms", version=2, rules=[])),
    ("offer_terms_offer_id_version_key", copy("offer_terms")),
    ("offer_window_check", change("offer", "ends_at = starts_at")),
    *one_line("offer", "external_id"),
    (
        "offer_vendor_id_external_id_key",
        change("offer", "external_id = 'A'")
        + f"; INSERT INTO offer (id, {COLUMNS}) SELECT gen_random_uuid(), {COLUMNS} FROM offer",
    ),
    ("offer_import_importstate_check", change(IMPORT, "state = 'GONE'")),
    ("offer_import_failure_check", change(IMPORT, "failure = 'NO_ROWS'")),
    ("offer_import_finished_at_check", change(IMPORT, "finished_at = now()")),
    ("offer_import_finished_at_check", change(IMPORT, "state = 'DONE'")),
    ("offer_import_counts_check", change(IMPORT, "created = 1")),
    ("offer_import_counts_check", change(IMPORT, "updated = -1")),
    ("offer_import_counts_check", change(IMPORT, "row_count = 5001")),
    *one_line(RESULT, "external_id"),
    *one_line(RESULT, "code"),
    *one_line(RESULT, "message"),
    (
        "offer_import_row_importoutcome_check",
        change(RESULT, "outcome = 'GONE', code = NULL, message = NULL"),
    ),
    ("offer_import_row_number_check", change(RESULT, "number = 0")),
    ("offer_import_row_number_check", change(RESULT, "number = 5001")),
    ("offer_import_row_refusal_check", change(RESULT, "code = NULL")),
    ("offer_import_row_refusal_check", change(RESULT, "outcome = 'CREATED'")),
    ("offer_import_row_import_id_number_key", copy(RESULT)),
    ("offer_publish_at_check", change("offer", "publish_at = starts_at")),
    ("offer_publish_at_check", change("offer", "state = 'DRAFT', publish_at = ends_at")),
    ("offer_publish_failure_check", change("offer", "publish_failure = 'OFFER_ENDED'")),
    (
        "offer_publish_failure_check",
        change(
            "offer",
            "state = 'DRAFT', publish_at = starts_at, publish_failure = 'OFFER_ENDED'",
        ),
    ),
    ("offer_schedules_check", change("offer", "schedules = -1")),
    ("offer_pin_codes_check", change("offer", "pin_codes = array_fill('1'\\:\\:text, '{101}')")),
    ("offer_discount_check", change("offer", "percent = 101")),
    ("offer_discount_check", change("offer", "percent = NULL")),
    ("offer_discount_check", change("offer", "amount_minor = 100")),
    ("offer_discount_check", change("offer", "discount_kind = 'AMOUNT'")),
    ("offer_discount_check", change("offer", "discount_kind = 'BUY_GET', percent = NULL, buy = 1")),
    ("offer_discount_check", change("offer", "discount_kind = 'FREE_ITEM', percent = NULL")),
]
# Without what depends on the listing.
WITH = {
    "listing_offer_id_fkey": "percent = 1; DELETE FROM listing_pin; DELETE FROM listing_rank",
}
COPIED: dict[str, dict[str, object]] = {"offer_terms": {"version": 2}}
PASSING = [
    copy("offer_terms", version=2),
    change("offer", "capacity = NULL, claimed = 2000000"),
    change("offer", "discount_kind = 'BUY_GET', percent = NULL, buy = 1, get = 1"),
]
