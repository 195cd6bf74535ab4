"""Promo codes: what is counted on them."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'promo_code.used differs from the number of its uses' AS rule, code.id::text AS row
    FROM promo_code AS code LEFT JOIN promo_use AS one ON one.promo_code_id = code.id
    GROUP BY code.id HAVING code.used <> count(one.order_id)
    UNION ALL
    SELECT 'promo_code used beyond its capacity', id::text FROM promo_code
    WHERE used > capacity OR used < 0
    LIMIT 20
    """
)
