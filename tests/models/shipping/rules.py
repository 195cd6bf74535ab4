"""The database constraints on delivery zones and rates, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

ZONE, RATE = "shipping_zone", "shipping_rate"

RULES = [
    *one_line(ZONE, "name"),
    *one_line(RATE, "name"),
    ("shipping_zone_position_check", change(ZONE, "position = 20")),
    ("shipping_zone_position_check", change(ZONE, "position = -1")),
    ("shipping_zone_countries_check", change(ZONE, "countries = '{}'")),
    (
        "shipping_zone_countries_check",
        change(ZONE, "countries = array_fill(CAST('IN' AS text), ARRAY[251])"),
    ),
    (
        "shipping_zone_pin_prefixes_check",
        change(ZONE, "countries = '{IN,DE}', pin_prefixes = '{56}'"),
    ),
    (
        "shipping_zone_pin_prefixes_check",
        change(ZONE, "pin_prefixes = array_fill(CAST('5' AS text), ARRAY[201])"),
    ),
    ("shipping_zone_vendor_id_name_key", copy(ZONE)),
    ("shipping_rate_position_check", change(RATE, "position = 10")),
    ("shipping_rate_ratekind_check", change(RATE, "kind = 'DRONE'")),
    ("shipping_rate_free_over_check", change(RATE, "free_over = 0")),
    ("shipping_rate_days_check", change(RATE, "min_days = 6")),
    ("shipping_rate_days_check", change(RATE, "max_days = 91")),
    ("shipping_rate_days_check", change(RATE, "min_days = -1")),
    ("shipping_rate_bands_check", change(RATE, "bands = '[]'")),
    ("shipping_rate_bands_check", change(RATE, "bands = '[[1, 2], [null, 3]]'")),
    ("shipping_rate_zone_id_name_key", copy(RATE)),
]
PASSING = [
    change(RATE, "kind = 'WEIGHT', bands = '[[1, 2], [null, 3]]'"),
    change(ZONE, "pin_prefixes = '{56}'"),
]
