"""The database constraints on checkouts, with SQL that violates each of them."""

from tests.models.sql import change, copy

CHECKOUT = "checkout"
RULES = [
    ("checkout_checkoutstate_check", change(CHECKOUT, "state = 'PAID'")),
    ("checkout_country_check", change(CHECKOUT, "country = 'in'")),
    ("checkout_deliveries_check", change(CHECKOUT, "deliveries = '[]'")),
    ("checkout_items_check", change(CHECKOUT, "items = to_jsonb(array_fill(1, ARRAY[101]))")),
    (
        "checkout_promo_code_ids_check",
        change(CHECKOUT, "promo_code_ids = array_fill(gen_random_uuid(), ARRAY[6])"),
    ),
    ("checkout_wallet_check", change(CHECKOUT, "wallet = -1")),
    ("checkout_open_key", copy(CHECKOUT)),
]
PASSING = [copy(CHECKOUT, currency="XAF"), copy(CHECKOUT, state="EXPIRED")]
