"""The database constraints on stock, with SQL that violates each of them."""

from tests.models.sql import change, copy

LINE = "00000000-0000-0000-0000-000000000001"
RECEIVED = {"kind": "RECEIVED", "quantity": 1, "line_id": None, "units": None}
SOLD = {"kind": "SOLD", "quantity": -1, "line_id": LINE, "units": "[0,1)"}
NO_LINES = ("a\nb", "a\u202eb", "a\u200bb", " a", "a ", "")
# A trigger refuses every UPDATE, so rows that violate a constraint are inserted.
COPIED = {"stock_movement": RECEIVED}
SAME_LINE = """
    INSERT INTO stock_movement (id, created_at, variant_id, kind, quantity, on_hand, line_id, units)
    SELECT gen_random_uuid(), now(), variant_id, kind, -1, 0, line_id, '[1,2)'
    FROM stock_movement WHERE kind = 'SOLD'
"""


def moved(**values: object) -> str:
    return copy("stock_movement", **RECEIVED | values)


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
    ("stock_movement_movementkind_check", moved(kind="GONE")),
    ("stock_movement_quantity_check", moved(quantity=0)),
    ("stock_movement_quantity_check", moved(**SOLD | {"quantity": 1})),
    ("stock_movement_quantity_check", moved(kind="COUNTED", quantity=0)),
    ("stock_movement_quantity_check", moved(kind="LOST")),
    ("stock_movement_units_check", moved(**SOLD | {"quantity": -3})),
    ("stock_movement_units_check", moved(**SOLD | {"units": None})),
    ("stock_movement_units_check", moved(**SOLD | {"line_id": None})),
    ("stock_movement_units_check", moved(units="[0,9)")),
    ("stock_movement_units_excl", SAME_LINE),
    ("stock_movement_on_hand_check", moved(on_hand=-1)),
    *(("stock_movement_note_line_check", moved(note=note)) for note in NO_LINES),
    ("stock_movement_note_length_check", moved(note="a" * 201)),
]
PASSING = [SAME_LINE.replace("[1,2)", "[2,3)")]
