"""Orders: what they hold, what they cost, their taxes, their codes and their payments."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH held AS (
        SELECT variant_id, sum(quantity) AS units FROM reservation WHERE state = 'HELD'
        GROUP BY variant_id
    ), part AS (
        SELECT order_id, sum(goods) AS goods, sum(vendor_discount) AS vendor_discount,
            sum(platform_discount) AS platform_discount, sum(shipping) AS shipping,
            sum(tax_added) AS tax_added, sum(tax_included) AS tax_included,
            sum(rounding) AS rounding, sum(total) AS total
        FROM suborder GROUP BY order_id
    ), line AS (
        SELECT suborder_id, sum(goods) AS goods, sum(platform_discount) AS platform_discount,
            sum(tax_added) AS tax_added, sum(tax - tax_added) AS tax_included,
            sum(rounding) AS rounding, sum(total) AS total, sum(commission) AS commission,
            sum(commission_tax) AS commission_tax, sum(tcs) AS tcs, sum(tds) AS tds
        FROM order_line GROUP BY suborder_id
    ), tax AS (
        SELECT line_id, sum(tax) AS tax,
            string_agg(component || ' ' || rate_bps, ',' ORDER BY component) AS rates
        FROM line_tax GROUP BY line_id
    ), tax_group AS (
        SELECT suborder_id, rates, component, rate_bps, sum(one.taxable) AS taxable,
            sum(one.tax) AS tax
        FROM order_line JOIN tax ON tax.line_id = order_line.id
            JOIN line_tax AS one ON one.line_id = order_line.id
        GROUP BY suborder_id, rates, component, rate_bps
    ), discount AS (
        SELECT order_id, promo_code_id, sum(amount) AS amount
        FROM order_discount JOIN suborder ON suborder.id = suborder_id
        GROUP BY order_id, promo_code_id
    ), share AS (
        SELECT suborder_id, sum(captured) AS captured FROM payment_split GROUP BY suborder_id
    )
    SELECT 'stock.reserved differs from the sum of what is held' AS rule, stock.id::text AS row
    FROM stock LEFT JOIN held USING (variant_id) WHERE reserved <> coalesce(units, 0)
    UNION ALL
    SELECT 'reservation that does not fit the state of its order', o.id::text
    FROM reservation JOIN "order" AS o ON o.id = order_id
    WHERE reservation.state <> CASE WHEN confirmed_at IS NOT NULL THEN 'SOLD'
        WHEN o.state = 'PENDING' THEN 'HELD' ELSE 'RELEASED' END
    UNION ALL
    SELECT 'order that differs from the sums of its parts', o.id::text
    FROM "order" AS o LEFT JOIN part ON part.order_id = o.id
    WHERE o.total > 0 AND (o.goods, o.vendor_discount, o.platform_discount, o.shipping, o.tax_added,
            o.tax_included, o.rounding, o.total)
        IS DISTINCT FROM (part.goods, part.vendor_discount, part.platform_discount, part.shipping,
            part.tax_added, part.tax_included, part.rounding, part.total)
    UNION ALL
    SELECT 'part that differs from the sums of its lines', suborder.id::text
    FROM suborder LEFT JOIN line ON line.suborder_id = suborder.id
    WHERE (suborder.goods, suborder.platform_discount, suborder.tax_added, suborder.tax_included,
            suborder.rounding, suborder.total, suborder.commission, suborder.commission_tax,
            suborder.tcs, suborder.tds)
        IS DISTINCT FROM (line.goods, line.platform_discount, line.tax_added, line.tax_included,
            line.rounding, line.total, line.commission, line.commission_tax, line.tcs, line.tds)
    UNION ALL
    SELECT 'line that differs from the sum of its taxes', order_line.id::text
    FROM order_line LEFT JOIN tax ON tax.line_id = order_line.id
    WHERE order_line.tax <> coalesce(tax.tax, 0)
    UNION ALL
    SELECT 'tax of a group that is not its rounded product', suborder_id::text
    FROM tax_group WHERE tax <> div(2 * taxable * rate_bps + 10000, 20000)
    UNION ALL
    SELECT 'use of a code that differs from its discounts', o.id::text
    FROM "order" AS o JOIN discount ON discount.order_id = o.id
        LEFT JOIN promo_use AS one USING (order_id, promo_code_id)
    WHERE one.amount IS DISTINCT FROM CASE
        WHEN o.state = 'PENDING' OR (
            confirmed_at IS NOT NULL AND o.state <> 'CANCELLED' AND EXISTS (
                SELECT FROM order_line AS line JOIN suborder ON suborder.id = line.suborder_id
                WHERE suborder.order_id = o.id AND line.quantity <> CASE
                    WHEN line.kind IN ('TICKET', 'BOOKING') THEN line.refunded
                    ELSE line.cancelled END
            )
        )
        THEN discount.amount END
    UNION ALL
    SELECT 'confirmed part that was not paid in full', suborder.id::text
    FROM suborder JOIN "order" AS o ON o.id = order_id
        LEFT JOIN share ON share.suborder_id = suborder.id
    WHERE coalesce(share.captured, 0) <> CASE
        WHEN o.confirmed_at IS NULL THEN 0 ELSE suborder.total END
        OR (suborder.confirmed_at IS NULL) <> (o.confirmed_at IS NULL)
    UNION ALL
    SELECT 'order with a state that is not that of its payment', id::text FROM "order"
    WHERE (confirmed_at IS NOT NULL) <> (state IN ('CONFIRMED', 'COMPLETED') OR paid > 0)
        AND total > 0
    LIMIT 20
    """
)
