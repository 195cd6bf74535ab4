"""The rows that explain a balance: what is open, and so much of an account is for it.

Each query returns the kind, the owner and the currency of an account, and an amount. The sum of the
amounts for an account is its balance. A domain that moves money into such an account adds a query.
"""

from models.ledger.accounts import AccountKind

# What the units of refunds have taken from a vendor, by the cumulative rule. `div` of numbers,
# because the product of an amount and a quantity can be more than a BIGINT.
_SHARE = (
    "div(line.{name} * upper(units)\\:\\:numeric, line.quantity)"
    " - div(line.{name} * lower(units)\\:\\:numeric, line.quantity)"
)
_KEPT = " - ".join(
    f"({_SHARE.format(name=name)})" for name in ("commission", "commission_tax", "tcs", "tds")
)
PENDING = f"""
    WITH open AS MATERIALIZED (
        SELECT part.id, part.vendor_id, "order".currency, part.vendor_net
        FROM suborder AS part JOIN "order" ON "order".id = part.order_id
        WHERE part.confirmed_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM ledger_entry WHERE posting = 'release\\:' || part.id AND leg = 0
        )
    )
    SELECT 'V_PENDING' AS kind, vendor_id AS owner_id, currency, vendor_net\\:\\:numeric AS amount
    FROM open
    UNION ALL
    SELECT 'V_PENDING', vendor_id, currency,
        -(amount + {_SHARE.format(name="platform_discount")} - {_KEPT})
    FROM open JOIN refund_line ON refund_line.suborder_id = open.id
        JOIN order_line AS line ON line.id = refund_line.line_id
"""  # noqa: S608 - constants of this module
# Money that came in, and that neither an order nor a purchase nor a refund has taken yet.
UNCLAIMED_PAYMENTS = """
    SELECT payment.id, payment.currency, payment.captured, payment.ended_at
    FROM payment
    WHERE payment.captured > 0 AND provider <> 'WALLET' AND payment.refunded = 0
        AND NOT EXISTS (SELECT FROM payment_split WHERE payment_id = payment.id)
        AND NOT EXISTS (
            SELECT FROM purchase WHERE purchase.id = payment.purchase_id AND paid_at IS NOT NULL
        )
"""
UNCLAIMED = f"""
    SELECT 'UNCLAIMED' AS kind, NULL\\:\\:uuid AS owner_id, currency, captured AS amount
    FROM ({UNCLAIMED_PAYMENTS}) AS payment
"""  # noqa: S608 - a constant of this module
REFUND_DUE = """
    SELECT 'REFUND_DUE' AS kind, NULL\\:\\:uuid AS owner_id, payment.currency, refund_part.amount
    FROM refund_part JOIN payment ON payment.id = payment_id
    WHERE refund_part.settled_at IS NULL
"""
EXPLANATIONS = (PENDING, UNCLAIMED, REFUND_DUE)
EXPLAINED = (AccountKind.V_PENDING, AccountKind.UNCLAIMED, AccountKind.REFUND_DUE)
