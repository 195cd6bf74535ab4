"""The database constraints on purchases, with SQL that violates each of them."""

from tests.models.sql import change

RULES = [
    ("purchase_purchasestate_check", change("purchase", "state = 'LOST'")),
    ("purchase_currency_check", change("purchase", "currency = 'eur'")),
    ("purchase_total_check", change("purchase", "net = net + 1")),
    ("purchase_total_check", change("purchase", "net = 0, tax = 1, total = 1")),
    ("purchase_total_check", change("purchase", "tax = -1, net = total + 1")),
    (
        "purchase_total_check",
        change("purchase", f"net = {10**15 + 1}, tax = 0, total = {10**15 + 1}"),
    ),
    ("purchase_ref_id_check", change("purchase", "ref_id = NULL")),
    ("purchase_ref_id_check", change("purchase", "kind = 'TOP_UP'")),
]
