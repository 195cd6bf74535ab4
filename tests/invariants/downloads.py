"""Files and license keys: used as often as recorded, and as many free keys as units in stock."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'a right was used more often than its links' AS rule, download_grant.id::text AS row
    FROM download_grant WHERE used <> (
        SELECT count(*) FROM download WHERE grant_id = download_grant.id AND outcome = 'SERVED'
    )
    UNION ALL
    SELECT 'the stock of a variant is not its free keys', stock.variant_id::text
    FROM stock JOIN (
        SELECT variant_id, count(*) FILTER (WHERE line_id IS NULL) AS free
        FROM license_key GROUP BY variant_id
    ) AS pool USING (variant_id)
    WHERE stock.on_hand <> pool.free
    UNION ALL
    SELECT 'a right outlives the refund of its line', download_grant.id::text
    FROM download_grant JOIN order_line ON order_line.id = line_id
    WHERE order_line.refunded = order_line.quantity AND revoked_at IS NULL AND used = 0
    LIMIT 20
    """
)
