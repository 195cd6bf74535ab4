"""The database constraints on promo codes and their uses, with SQL that violates each of them."""

from tests.models.sql import change, copy

CODE, USE = "promo_code", "promo_use"
FIFTY_ONE = "array_fill(gen_random_uuid(), ARRAY[51])"
# A trigger refuses every UPDATE of this table.
COPIED = {"order_discount": {"line_id": None}}


def discounted(**values: object) -> str:
    return copy("order_discount", **{"line_id": None} | values)


RULES = [
    ("promo_code_promocodestate_check", change(CODE, "state = 'PAUSED'")),
    ("promo_code_promokind_check", change(CODE, "kind = 'GIFT'")),
    ("promo_code_code_check", change(CODE, "code = 'tenth'")),
    ("promo_code_code_check", change(CODE, "code = 'AB'")),
    ("promo_code_code_check", change(CODE, "code = '-TENTH'")),
    ("promo_code_code_check", change(CODE, "code = 'TEN TH'")),
    ("promo_code_value_check", change(CODE, "value = 0")),
    ("promo_code_value_check", change(CODE, "value = 10001")),
    ("promo_code_value_check", change(CODE, "kind = 'FREE_DELIVERY'")),
    ("promo_code_value_check", change(CODE, "kind = 'AMOUNT', max_discount = 5")),
    ("promo_code_minimum_check", change(CODE, "minimum = -1")),
    ("promo_code_max_discount_check", change(CODE, "max_discount = 0")),
    ("promo_code_capacity_check", change(CODE, "used = 6")),
    ("promo_code_capacity_check", change(CODE, "used = -1")),
    ("promo_code_capacity_range_check", change(CODE, "capacity = 0, used = 0")),
    ("promo_code_per_user_check", change(CODE, "per_user = 0")),
    ("promo_code_per_user_check", change(CODE, "per_user = 101")),
    ("promo_code_window_check", change(CODE, "valid_until = valid_from")),
    ("promo_code_ended_at_check", change(CODE, "ended_at = now()")),
    ("promo_code_ended_at_check", change(CODE, "state = 'ENDED'")),
    ("promo_code_category_ids_check", change(CODE, f"category_ids = {FIFTY_ONE}")),
    ("promo_code_vendor_ids_check", change(CODE, "vendor_ids = ARRAY[gen_random_uuid()]")),
    (
        "promo_code_vendor_ids_check",
        change(CODE, f"vendor_id = NULL, vendor_ids = {FIFTY_ONE}"),
    ),
    ("promo_code_code_key", copy(CODE)),
    ("promo_use_turn_check", change(USE, "turn = 0")),
    ("promo_use_turn_check", change(USE, "turn = 101")),
    ("promo_use_amount_check", change(USE, "amount = -1")),
    ("order_discount_fundedby_check", discounted(funded_by="BANK")),
    ("order_discount_amount_check", discounted(amount=0)),
    ("order_discount_suborder_id_line_id_promo_code_id_key", copy("order_discount")),
    ("promo_use_amount_check", change(USE, "amount = 1000000000000000001")),
    (
        "promo_use_turn_key",
        copy(USE, order_id="00000000-0000-0000-0000-000000000001"),
    ),
]
PASSING = [
    # The text of a code that has ended is free again.
    change(CODE, "state = 'ENDED', ended_at = now()") + ";" + copy(CODE),
    change(CODE, "vendor_id = NULL, vendor_ids = ARRAY[gen_random_uuid()]"),
    change(CODE, "kind = 'FREE_DELIVERY', value = 0, max_discount = 5"),
    change(CODE, "capacity = NULL, used = 5000000"),
]
