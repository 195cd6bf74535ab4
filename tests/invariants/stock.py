"""Stock: its movements add up to what is on hand."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'stock that differs from the sum of its movements' AS rule, stock.id::text AS row
    FROM stock LEFT JOIN stock_movement AS movement USING (variant_id)
    GROUP BY stock.id HAVING stock.on_hand <> coalesce(sum(movement.quantity), 0)
    UNION ALL
    SELECT 'stock with more reserved than there is', id::text FROM stock
    WHERE reserved < 0 OR reserved > on_hand
    UNION ALL
    SELECT 'variant without stock', id::text FROM variant
    WHERE NOT EXISTS (SELECT FROM stock WHERE variant_id = variant.id)
    LIMIT 20
    """
)
