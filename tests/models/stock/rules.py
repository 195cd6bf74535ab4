"""The database constraints on stock, with SQL that violates each of them."""

from tests.models.sql import change, copy, one_line

SOLD = "WHERE kind = 'SOLD'"
RECEIVED = "WHERE kind = 'RECEIVED'"
SAME_LINE = """
    INSERT INTO stock_movement (id, created_at, variant_id, kind, quantity, on_hand, line_id, units)
    SELECT gen_random_uuid(), now(), variant_id, kind, -1, 0, line_id, '[1,2)'
    FROM stock_movement WHERE kind = 'SOLD'
"""

RULES = [
    ("stock_reserved_check", change("stock", "reserved = on_hand + 1")),
    ("stock_reserved_check", change("stock", "reserved = -1")),
    ("stock_on_hand_check", change("stock", "on_hand = 1000000001")),
    ("stock_low_at_check", change("stock", "low_at = -1")),
    ("stock_low_at_check", change("stock", "low_at = 1000001")),
    ("stock_low_number_check", change("stock", "low_number = -1")),
    (
        "stock_variant_id_key",
        copy("stock"),
    ),
    ("stock_movement_movementkind_check", change("stock_movement", f"kind = 'GONE' {RECEIVED}")),
    ("stock_movement_quantity_check", change("stock_movement", f"quantity = 0 {RECEIVED}")),
    ("stock_movement_quantity_check", change("stock_movement", f"quantity = 2 {SOLD}")),
    (
        "stock_movement_quantity_check",
        change("stock_movement", f"kind = 'COUNTED', quantity = 0 {RECEIVED}"),
    ),
    ("stock_movement_quantity_check", change("stock_movement", f"kind = 'LOST' {RECEIVED}")),
    ("stock_movement_units_check", change("stock_movement", f"quantity = -3 {SOLD}")),
    ("stock_movement_units_check", change("stock_movement", f"units = NULL {SOLD}")),
    ("stock_movement_units_check", change("stock_movement", f"line_id = NULL {SOLD}")),
    ("stock_movement_units_check", change("stock_movement", f"units = '[0,9)' {RECEIVED}")),
    ("stock_movement_units_excl", SAME_LINE),
    ("stock_movement_on_hand_check", change("stock_movement", "on_hand = -1")),
    *one_line("stock_movement", "note"),
    ("stock_movement_note_length_check", change("stock_movement", "note = repeat('a', 201)")),
]
PASSING = [SAME_LINE.replace("[1,2)", "[2,3)")]
