"""The database constraints on purchases, with SQL that violates each of them."""

from tests.models.sql import change, copy

WITH = {
    "payment_purchase_id_fkey": "order_id = NULL",
    "refund_purchase_id_fkey": "order_id = NULL",
}
# Each payment is of a purchase of its own, which need not exist before the end.
OF_PURCHASE = """
    UPDATE payment SET order_id = NULL, reference = NULL, status = 'OPEN', provider = 'STRIPE',
        purchase_id = id;
"""

RULES = [
    ("payment_subject_check", change("payment", "purchase_id = id")),
    ("payment_subject_check", change("payment", "order_id = NULL")),
    ("refund_subject_check", change("refund", "purchase_id = id")),
    ("refund_subject_check", change("refund", "order_id = NULL")),
    (
        "payment_purchase_id_provider_attempt_key",
        OF_PURCHASE + "UPDATE payment SET status = 'FAILED';" + copy("payment"),
    ),
    ("payment_live_purchase_key", OF_PURCHASE + copy("payment", attempt=9)),
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
    (
        "purchase_debt_key",
        "UPDATE purchase SET kind = 'DEBT', ref_id = NULL, state = 'PENDING';" + copy("purchase"),
    ),
]
