"""The rows that explain a balance: what is open, and so much of an account is for it.

Each query returns the kind, the owner and the currency of an account, and an amount. The sum of the
amounts for an account is its balance. A domain that moves money into such an account adds a query.
"""

from models.ledger.accounts import AccountKind

# The shares of refunded units in an amount of their line, by the cumulative rule. It is `div` of
# numbers, because the product of an amount and a quantity can be more than a BIGINT.
_SHARE = (
    "div(line.{name} * upper(units)\\:\\:numeric, line.quantity)"
    " - div(line.{name} * lower(units)\\:\\:numeric, line.quantity)"
)
_KEPT = " - ".join(
    f"({_SHARE.format(name=name)})" for name in ("commission", "commission_tax", "tcs", "tds")
)
# The vendor loses this with a dispute: what is left of its share after the platform's, and what the
# platform has paid for its own discount.
_FROZEN = """
    greatest(0, share.amount - share.commission - share.commission_tax - share.tcs - share.tds)
        + share.promotion
"""
_TAKEN = "dispute.taken_at IS NOT NULL AND dispute_state"
PENDING = f"""
    WITH open AS MATERIALIZED (
        SELECT part.id, part.order_id, part.vendor_id, "order".currency, part.vendor_net
        FROM suborder AS part JOIN "order" ON "order".id = part.order_id
        WHERE part.confirmed_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM suborder_release WHERE suborder_id = part.id)
    )
    SELECT 'V_PENDING' AS kind, vendor_id AS owner_id, currency, vendor_net\\:\\:numeric AS amount
    FROM open
    UNION ALL
    SELECT 'V_PENDING', vendor_id, currency,
        -(amount + {_SHARE.format(name="platform_discount")} - {_KEPT})
    FROM open JOIN refund_line ON refund_line.suborder_id = open.id
        JOIN order_line AS line ON line.id = refund_line.line_id
    UNION ALL
    SELECT 'V_PENDING', vendor_id, currency, -amount
    FROM open JOIN refund_amount AS extra ON extra.suborder_id = open.id
    WHERE borne_by = 'VENDOR'
    UNION ALL
    SELECT 'V_PENDING', vendor_id, open.currency, -repaid.amount
    FROM open JOIN refund ON refund.order_id = open.order_id
        JOIN ledger_entry AS repaid
            ON repaid.posting = 'grant\\:' || refund.id AND repaid.source_id = open.id
        JOIN ledger_account AS losses ON losses.id = repaid.credit_id AND losses.kind = 'LOSSES'
    WHERE EXISTS (
        SELECT FROM refund_amount WHERE suborder_id = open.id AND borne_by = 'PLATFORM'
    )
    UNION ALL
    SELECT 'V_PENDING', vendor_id, open.currency, -({_FROZEN})
    FROM open JOIN dispute_share AS share ON share.suborder_id = open.id
        JOIN dispute ON dispute.id = share.dispute_id
    WHERE {_TAKEN} <> 'WON'
"""  # noqa: S608 - constants of this module
RESERVE = f"""
    SELECT 'V_RESERVE' AS kind, vendor_id AS owner_id, currency, reserved\\:\\:numeric AS amount
    FROM suborder_release WHERE unreserved_at IS NULL
    UNION ALL
    SELECT 'V_RESERVE', vendor_id, dispute.currency, {_FROZEN}
    FROM dispute JOIN dispute_share AS share ON dispute.id = share.dispute_id
        JOIN suborder ON suborder.id = share.suborder_id
    WHERE {_TAKEN} NOT IN ('WON', 'LOST')
"""  # noqa: S608 - constants of this module
IN_TRANSIT = """
    SELECT 'IN_TRANSIT' AS kind, vendor_id AS owner_id, currency, amount FROM payout
    WHERE state IN ('SENDING', 'UNKNOWN', 'IN_TRANSIT')
"""
DISPUTED = f"""
    SELECT 'DISPUTED' AS kind, NULL\\:\\:uuid AS owner_id, currency, -amount AS amount FROM dispute
    WHERE {_TAKEN} NOT IN ('WON', 'LOST')
"""  # noqa: S608 - a constant of this module
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
        AND NOT EXISTS (SELECT FROM refund_part AS other WHERE other.replaces_id = refund_part.id)
"""
EXPLANATIONS = (PENDING, RESERVE, IN_TRANSIT, UNCLAIMED, REFUND_DUE, DISPUTED)
EXPLAINED = (
    AccountKind.V_PENDING,
    AccountKind.V_RESERVE,
    AccountKind.IN_TRANSIT,
    AccountKind.UNCLAIMED,
    AccountKind.REFUND_DUE,
    AccountKind.DISPUTED,
)
