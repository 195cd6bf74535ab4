"""Offers: what is counted on them."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'offer.claimed differs from the number of its vouchers' AS rule, offer.id::text AS row
    FROM offer LEFT JOIN voucher ON voucher.offer_id = offer.id AND voucher.state <> 'CANCELLED'
    GROUP BY offer.id HAVING offer.claimed <> count(voucher.id)
    UNION ALL
    SELECT 'offer claimed beyond its capacity', id::text FROM offer
    WHERE claimed > capacity OR claimed < 0
    LIMIT 20
    """
)
