"""The database constraints on carts, with SQL that violates each of them."""

from tests.models.sql import change, copy

TOKEN_HASH = "\\x" + "01" * 32
ANONYMOUS = copy("cart", user_id=None, token_hash=TOKEN_HASH)

RULES = [
    ("cart_cartstate_check", change("cart", "state = 'GONE'")),
    ("cart_owner_check", change("cart", "user_id = NULL")),
    ("cart_owner_check", copy("cart", token_hash=TOKEN_HASH)),
    ("cart_token_hash_check", copy("cart", user_id=None, token_hash="\\x01")),
    ("cart_version_check", change("cart", "version = 0")),
    ("cart_active_key", copy("cart")),
    ("cart_token_hash_key", f"{ANONYMOUS}; {ANONYMOUS}"),
    ("cart_line_quantity_check", change("cart_line", "quantity = 0")),
    ("cart_line_quantity_check", change("cart_line", "quantity = 1000")),
    ("cart_line_seen_price_check", change("cart_line", "seen_price = -1")),
    ("cart_line_seen_price_check", change("cart_line", "seen_price = 1000000000001")),
    ("cart_line_cart_id_variant_id_key", copy("cart_line")),
]
PASSING = [ANONYMOUS, copy("cart", state="ORDERED")]
