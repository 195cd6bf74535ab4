"""Vouchers and their redemptions."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'voucher of another vendor than its offer' AS rule, voucher.id::text AS row
    FROM voucher JOIN offer ON offer.id = voucher.offer_id
    WHERE voucher.vendor_id <> offer.vendor_id
    UNION ALL
    SELECT 'two live vouchers with one claim number', min(id::text) FROM voucher
    WHERE state <> 'CANCELLED' GROUP BY offer_id, user_id, claim_number HAVING count(*) > 1
    UNION ALL
    SELECT 'redeemed voucher without exactly one approval', voucher.id::text
    FROM voucher LEFT JOIN redemption
        ON redemption.voucher_id = voucher.id AND redemption.outcome = 'APPROVED'
    GROUP BY voucher.id
    HAVING count(redemption.id) <> (CASE voucher.state WHEN 'REDEEMED' THEN 1 ELSE 0 END)
    UNION ALL
    SELECT 'approval at another vendor or time', redemption.id::text
    FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
    WHERE redemption.outcome = 'APPROVED' AND (
        redemption.vendor_id <> voucher.vendor_id
        OR redemption.created_at IS DISTINCT FROM voucher.redeemed_at
    )
    UNION ALL
    SELECT 'voucher whose timestamps contradict its state', id::text FROM voucher
    WHERE (state = 'REDEEMED') <> (redeemed_at IS NOT NULL)
        OR (state = 'CANCELLED') <> (cancelled_at IS NOT NULL)
    LIMIT 20
    """
)
