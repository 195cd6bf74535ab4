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
# The posting that has frozen the shares for the present turn of a dispute.
_FREEZING = (
    "'dispute\\:' || dispute.id"
    " || CASE WHEN dispute.turns > 1 THEN '\\:' || dispute.turns ELSE '' END"
)
# The worth of sub-orders to their vendors: pending until the release, and available after it.
EARNED = f"""
    WITH part AS MATERIALIZED (
        SELECT suborder.id, order_id, suborder.vendor_id, "order".currency, vendor_net,
            CASE WHEN release.suborder_id IS NULL THEN 'V_PENDING' ELSE 'V_AVAILABLE' END AS kind
        FROM suborder JOIN "order" ON "order".id = order_id
        LEFT JOIN suborder_release AS release ON release.suborder_id = suborder.id
        WHERE suborder.confirmed_at IS NOT NULL
    )
    SELECT kind, vendor_id AS owner_id, currency, vendor_net\\:\\:numeric AS amount FROM part
    UNION ALL
    SELECT part.kind, vendor_id, currency,
        -(amount + {_SHARE.format(name="platform_discount")} - {_KEPT})
    FROM part JOIN refund_line ON refund_line.suborder_id = part.id
        JOIN order_line AS line ON line.id = refund_line.line_id
    UNION ALL
    SELECT kind, vendor_id, currency, -amount
    FROM part JOIN refund_amount AS extra ON extra.suborder_id = part.id
    WHERE borne_by = 'VENDOR'
    UNION ALL
    SELECT part.kind, vendor_id, part.currency, -repaid.amount
    FROM part JOIN refund ON refund.order_id = part.order_id
        JOIN ledger_entry AS repaid
            ON repaid.posting = 'grant\\:' || refund.id AND repaid.source_id = part.id
        JOIN ledger_account AS losses ON losses.id = repaid.credit_id AND losses.kind = 'LOSSES'
    WHERE EXISTS (
        SELECT FROM refund_amount WHERE suborder_id = part.id AND borne_by = 'PLATFORM'
    )
    UNION ALL
    -- What goodwill of a vendor takes beyond its part is a debt at once, also before the release.
    SELECT side.kind, vendor_id, part.currency, side.sign * debt.amount
    FROM part JOIN refund ON refund.order_id = part.order_id
        JOIN ledger_entry AS debt
            ON debt.posting = 'grant\\:' || refund.id AND debt.source_id = part.id
        JOIN ledger_account AS available
            ON available.id = debt.debit_id AND available.kind = 'V_AVAILABLE'
        CROSS JOIN (VALUES ('V_PENDING', 1), ('V_AVAILABLE', -1)) AS side (kind, sign)
    WHERE part.kind = 'V_PENDING' AND EXISTS (
        SELECT FROM refund_amount WHERE suborder_id = part.id AND borne_by = 'VENDOR'
    )
    UNION ALL
    SELECT kind, vendor_id, part.currency, -({_FROZEN})
    FROM part JOIN dispute_share AS share ON share.suborder_id = part.id
        JOIN dispute ON dispute.id = share.dispute_id
    WHERE {_TAKEN} <> 'WON'
"""  # noqa: S608 - constants of this module
# Reserves and payouts leave the balance beside that, and debts that were written off come into it.
AVAILABLE = f"""
    SELECT 'V_AVAILABLE' AS kind, vendor_id AS owner_id, currency, -reserved AS amount
    FROM suborder_release WHERE unreserved_at IS NULL
    UNION ALL
    SELECT 'V_AVAILABLE', vendor_id, currency, -amount FROM payout
    WHERE state IN ('SENDING', 'UNKNOWN', 'IN_TRANSIT', 'PAID')
    UNION ALL
    SELECT 'V_AVAILABLE', owner_id, currency, amount FROM ledger_adjustment
    WHERE state = 'APPROVED' AND credit = 'V_AVAILABLE'
    UNION ALL
    SELECT 'V_AVAILABLE', owner_id, currency, total FROM purchase
    WHERE kind = 'DEBT' AND paid_at IS NOT NULL
    UNION ALL
    SELECT 'V_AVAILABLE', purchase.owner_id, dispute.currency, -held.amount
    FROM purchase JOIN payment ON payment.purchase_id = purchase.id
        JOIN dispute ON dispute.payment_id = payment.id
        JOIN ledger_entry AS held ON held.posting = {_FREEZING}
        JOIN ledger_account AS account
            ON account.id = held.debit_id AND account.kind = 'V_AVAILABLE'
    WHERE purchase.kind = 'DEBT' AND {_TAKEN} <> 'WON'
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
# Lines of the provider. The bank's decision can be known before its money is back.
DISPUTED = """
    SELECT 'DISPUTED' AS kind, NULL\\:\\:uuid AS owner_id, currency, booking.amount
    FROM dispute JOIN dispute_booking AS booking ON booking.dispute_id = dispute.id
    WHERE taken_at IS NULL OR dispute_state <> 'LOST'
"""
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
# TCS and TDS of what was sold, less those of units that were refunded and of lost disputes, which
# take the commission first, and less what was paid to the authorities.
_REST = "share.amount - share.commission - share.commission_tax"
TAXES = f"""
    SELECT due.kind, NULL\\:\\:uuid AS owner_id, "order".currency, due.amount
    FROM suborder JOIN "order" ON "order".id = order_id CROSS JOIN LATERAL (
        VALUES ('TCS_DUE', tcs\\:\\:numeric), ('TDS_DUE', tds\\:\\:numeric)
    ) AS due (kind, amount)
    WHERE suborder.confirmed_at IS NOT NULL
    UNION ALL
    SELECT due.kind, NULL, "order".currency, -due.amount
    FROM refund_line JOIN order_line AS line ON line.id = refund_line.line_id
        JOIN suborder ON suborder.id = refund_line.suborder_id
        JOIN "order" ON "order".id = suborder.order_id CROSS JOIN LATERAL (
            VALUES
                ('TCS_DUE', {_SHARE.format(name="tcs")}),
                ('TDS_DUE', {_SHARE.format(name="tds")})
        ) AS due (kind, amount)
    WHERE suborder.confirmed_at IS NOT NULL
    UNION ALL
    SELECT due.kind, NULL, dispute.currency, -greatest(0, due.amount)
    FROM dispute JOIN dispute_share AS share ON share.dispute_id = dispute.id CROSS JOIN LATERAL (
        VALUES
            ('TCS_DUE', least(share.tcs, {_REST})),
            ('TDS_DUE', least(share.tds, {_REST} - share.tcs))
    ) AS due (kind, amount)
    WHERE {_TAKEN} = 'LOST'
    UNION ALL
    SELECT debit, NULL, currency, -amount FROM ledger_adjustment
    WHERE state = 'APPROVED' AND debit IN ('TCS_DUE', 'TDS_DUE')
"""  # noqa: S608 - constants of this module
# Packs that are paid: what their uses have not turned into sales yet.
PACK_DEFERRED = """
    SELECT 'PACK_DEFERRED' AS kind, NULL\\:\\:uuid AS owner_id, currency, net - earned AS amount
    FROM pack_grant WHERE ended_at IS NULL
"""
# Orders that wait for the rest of their money hold the part that the wallet pays. A campaign holds
# its budget until its bill or its release, and an open dispute what a top-up has left.
HELD = f"""
    SELECT 'WALLET_HELD' AS kind, "order".user_id AS owner_id, payment.currency, payment.amount
    FROM payment JOIN "order" ON "order".id = payment.order_id
    WHERE payment.provider = 'WALLET' AND "order".state = 'PENDING'
    UNION ALL
    SELECT 'WALLET_HELD', account.owner_id, entry.currency, entry.amount
    FROM ledger_account AS account JOIN ledger_entry AS entry ON entry.credit_id = account.id
    WHERE account.kind = 'WALLET_HELD' AND (
        posting LIKE 'campaign\\_hold\\:%' AND NOT EXISTS (
            SELECT FROM ledger_entry AS over WHERE over.posting IN (
                'campaign\\:' || split_part(entry.posting, '\\:', 2),
                'campaign_release\\:' || split_part(entry.posting, '\\:', 2)
            )
        )
        OR posting LIKE 'dispute\\:%' AND EXISTS (
            SELECT FROM dispute WHERE {_TAKEN} NOT IN ('WON', 'LOST')
                AND dispute.id = CAST(split_part(entry.posting, '\\:', 2) AS uuid)
                AND entry.posting = {_FREEZING}
        )
    )
"""  # noqa: S608 - a constant of this module
EXPLANATIONS = (
    EARNED,
    AVAILABLE,
    RESERVE,
    IN_TRANSIT,
    UNCLAIMED,
    REFUND_DUE,
    DISPUTED,
    PACK_DEFERRED,
    TAXES,
    HELD,
)
EXPLAINED = (
    AccountKind.V_PENDING,
    AccountKind.V_AVAILABLE,
    AccountKind.V_RESERVE,
    AccountKind.IN_TRANSIT,
    AccountKind.UNCLAIMED,
    AccountKind.REFUND_DUE,
    AccountKind.DISPUTED,
    AccountKind.PACK_DEFERRED,
    AccountKind.TCS_DUE,
    AccountKind.TDS_DUE,
    AccountKind.WALLET_HELD,
)
