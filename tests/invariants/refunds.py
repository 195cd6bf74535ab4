"""Orders and refunds: each amount is the sum of those that it consists of."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH part AS (
        SELECT order_id, sum(total) AS total, sum(refunded) AS refunded FROM suborder
        GROUP BY order_id
    ), way AS (
        -- Money that came late, twice or in a wrong amount has no splits, and goes back.
        SELECT order_id, sum(captured) AS captured, sum(refunded) AS refunded FROM payment
        WHERE EXISTS (SELECT FROM payment_split WHERE payment_id = payment.id)
        GROUP BY order_id
    ), share AS (
        SELECT payment_id, sum(captured) AS captured, sum(refunded) AS refunded
        FROM payment_split GROUP BY payment_id
    ), share_of_part AS (
        SELECT suborder_id, sum(refunded) AS refunded FROM payment_split GROUP BY suborder_id
    ), line AS (
        SELECT suborder_id, sum(total) AS total FROM order_line GROUP BY suborder_id
    ), back AS (
        SELECT line_id, sum(upper(units) - lower(units)) AS units, sum(amount) AS amount,
            sum(tax) AS tax
        FROM refund_line GROUP BY line_id
    ), moved AS (
        SELECT line_id, sum(quantity) AS units FROM stock_movement WHERE kind = 'RETURNED'
        GROUP BY line_id
    )
    SELECT 'order that differs from the sum of its parts' AS rule, o.id::text AS row
    FROM "order" AS o JOIN part ON part.order_id = o.id
    WHERE o.total <> part.total OR o.refunded <> part.refunded
    UNION ALL
    SELECT 'order that differs from its payments', o.id::text
    FROM "order" AS o JOIN way ON way.order_id = o.id
    WHERE o.paid > way.captured OR o.refunded <> way.refunded
    UNION ALL
    SELECT 'payment that differs from its splits', payment.id::text
    FROM payment JOIN share ON share.payment_id = payment.id
    WHERE payment.captured <> share.captured OR payment.refunded <> share.refunded
    UNION ALL
    SELECT 'payment that neither pays for anything nor goes back', id::text FROM payment
    WHERE status = 'SUCCEEDED' AND order_id IS NOT NULL AND refunded < captured
        AND NOT EXISTS (SELECT FROM payment_split WHERE payment_id = payment.id)
    UNION ALL
    SELECT 'part that differs from its lines', suborder.id::text
    FROM suborder JOIN line ON line.suborder_id = suborder.id WHERE suborder.total <> line.total
    UNION ALL
    SELECT 'part that differs from its splits', suborder.id::text
    FROM suborder LEFT JOIN share_of_part AS share ON share.suborder_id = suborder.id
    WHERE suborder.refunded <> coalesce(share.refunded, 0)
    UNION ALL
    SELECT 'line that differs from its refunds', order_line.id::text
    FROM order_line LEFT JOIN back ON back.line_id = order_line.id
    WHERE order_line.refunded <> coalesce(back.units, 0)
        OR (order_line.refunded = order_line.quantity
            AND suborder_id NOT IN (SELECT suborder_id FROM refund_amount)
            AND (back.amount, back.tax) <> (order_line.total, order_line.tax))
    UNION ALL
    SELECT 'part that differs from its refunds', suborder.id::text FROM suborder
    WHERE refunded <> (SELECT coalesce(sum(amount), 0) FROM refund_line
            WHERE suborder_id = suborder.id)
        + (SELECT coalesce(sum(amount), 0) FROM refund_amount WHERE suborder_id = suborder.id)
    UNION ALL
    SELECT 'line of which more came back than was cancelled or returned', order_line.id::text
    FROM order_line JOIN moved ON moved.line_id = order_line.id
    WHERE moved.units > order_line.cancelled + order_line.returned
    UNION ALL
    SELECT 'refund that differs from its lines', refund.id::text FROM refund
    WHERE amount <> (SELECT sum(amount) FROM (
        SELECT amount FROM refund_line WHERE refund_id = refund.id
        UNION ALL SELECT amount FROM refund_amount WHERE refund_id = refund.id
    ) AS share)
    UNION ALL
    SELECT 'refund that differs from its parts', refund.id::text FROM refund
    WHERE amount <> (
        SELECT sum(amount) FROM refund_part WHERE refund_id = refund.id AND replaces_id IS NULL
    ) OR (state = 'SETTLED') <> NOT EXISTS (
        SELECT FROM refund_part AS part WHERE refund_id = refund.id AND part_state <> 'SETTLED'
            AND NOT EXISTS (SELECT FROM refund_part WHERE replaces_id = part.id)
    )
    UNION ALL
    SELECT 'part that replaces one that has not failed, or another amount', other.id::text
    FROM refund_part AS other JOIN refund_part AS part ON part.id = other.replaces_id
    WHERE part.part_state <> 'FAILED' OR part.amount <> other.amount
    UNION ALL
    SELECT 'payment that differs from its disputes', payment.id::text FROM payment
    WHERE disputed <> (
        SELECT coalesce(sum(held), 0) FROM dispute
        WHERE payment_id = payment.id AND dispute_state <> 'WON'
    )
    UNION ALL
    SELECT 'payment whose splits are disputed otherwise', payment.id::text
    FROM payment JOIN payment_split AS split ON split.payment_id = payment.id
    GROUP BY payment.id HAVING payment.disputed <> sum(split.disputed)
    UNION ALL
    SELECT 'dispute whose fee differs from its lines', dispute.id::text FROM dispute
    WHERE fee <> (SELECT greatest(0, coalesce(sum(booking.fee), 0)) FROM dispute_booking AS booking
        WHERE dispute_id = dispute.id)
    UNION ALL
    SELECT 'line of a dispute that is not posted once', dispute_id::text || ' ' || number
    FROM dispute_booking AS booking
    WHERE (SELECT coalesce(sum(CASE WHEN debit.kind = 'PROVIDER' THEN entry.amount
            WHEN credit.kind = 'PROVIDER' THEN -entry.amount ELSE 0 END), 0)
        FROM ledger_entry AS entry JOIN ledger_account AS debit ON debit.id = debit_id
            JOIN ledger_account AS credit ON credit.id = credit_id
        WHERE posting IN (
            'dispute_money:' || dispute_id || CASE number WHEN 1 THEN '' ELSE ':' || number END,
            'dispute_fee:' || dispute_id || CASE number WHEN 1 THEN '' ELSE ':' || number END
        )) <> booking.amount - booking.fee
    UNION ALL
    SELECT 'dispute that differs from its shares', dispute.id::text FROM dispute
    WHERE taken_at IS NOT NULL AND held <> (
        SELECT coalesce(sum(amount), held) FROM dispute_share WHERE dispute_id = dispute.id
    )
    LIMIT 20
    """
)
