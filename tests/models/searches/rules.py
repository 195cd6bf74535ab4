"""The database constraints on saved searches, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

SEARCH = "saved_search"
RULES = [
    ("saved_search_user_id_name_key", copy(SEARCH)),
    *one_line(SEARCH, "name"),
    *one_line(SEARCH, "search"),
    ("saved_search_anchors_check", change(SEARCH, "anchors = '{}'")),
    (
        "saved_search_anchors_check",
        change(SEARCH, "anchors = array_fill('a'\\:\\:text, '{201}')"),
    ),
    ("saved_search_country_check", change(SEARCH, "country = 'in'")),
    ("saved_search_pin_code_check", change(SEARCH, "pin_code = '1-2'")),
    ("saved_search_discount_kinds_check", change(SEARCH, "discount_kinds = '{}'")),
    ("saved_search_discount_kinds_check", change(SEARCH, "discount_kinds = '{NONE}'")),
    ("saved_search_discount_at_least_check", change(SEARCH, "discount_at_least = 0")),
    ("saved_search_discount_at_least_check", change(SEARCH, "discount_at_least = 101")),
    ("saved_search_latitude_check", change(SEARCH, "latitude = 91")),
    ("saved_search_longitude_check", change(SEARCH, "longitude = -181")),
    ("saved_search_within_km_check", change(SEARCH, "within_km = 0")),
    ("saved_search_within_km_check", change(SEARCH, "within_km = 501")),
    ("saved_search_circle_check", change(SEARCH, "within_km = NULL")),
    ("saved_search_searchnotices_check", change(SEARCH, "notices = 'NEVER'")),
    ("saved_search_hit_search_id_offer_id_key", copy("saved_search_hit")),
]
COPIED: dict[str, dict[str, object]] = {SEARCH: {"name": "Other"}}
