"""Vouchers and their redemptions."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'voucher of another vendor than its offer' AS rule, voucher.id::text AS row
    FROM voucher JOIN offer ON offer.id = voucher.offer_id
    WHERE voucher.vendor_id <> offer.vendor_id
    UNION ALL
    SELECT 'two live vouchers with one claim number', min(id::text) FROM voucher
    WHERE state <> 'CANCELLED'
    GROUP BY offer_id, coalesce(giver_id, user_id), claim_number HAVING count(*) > 1
    UNION ALL
    SELECT 'voucher with a giver but no accepted gift, or the other way round', voucher.id::text
    FROM voucher LEFT JOIN voucher_gift AS gift
        ON gift.voucher_id = voucher.id AND gift.state = 'ACCEPTED'
    WHERE (voucher.giver_id, voucher.user_id)
            IS DISTINCT FROM (gift.from_user_id, gift.to_user_id)
        AND num_nonnulls(voucher.giver_id, gift.id) > 0
    UNION ALL
    SELECT 'redemption reversed more often than the voucher was used', voucher.id::text
    FROM voucher JOIN redemption ON redemption.voucher_id = voucher.id
    WHERE redemption.reversed_at IS NOT NULL
    GROUP BY voucher.id HAVING count(*) > voucher.uses
    UNION ALL
    SELECT 'redeemed voucher without exactly one approval', voucher.id::text
    FROM voucher LEFT JOIN redemption
        ON redemption.voucher_id = voucher.id AND redemption.outcome = 'APPROVED'
            AND redemption.reversed_at IS NULL
    GROUP BY voucher.id
    HAVING count(redemption.id) <> (CASE voucher.state WHEN 'REDEEMED' THEN 1 ELSE 0 END)
    UNION ALL
    SELECT 'approval at another vendor or time', redemption.id::text
    FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
    WHERE redemption.outcome = 'APPROVED' AND redemption.reversed_at IS NULL AND (
        redemption.vendor_id <> voucher.vendor_id
        OR coalesce(redemption.moment, redemption.created_at)
            IS DISTINCT FROM voucher.redeemed_at
    )
    UNION ALL
    SELECT 'voucher whose timestamps contradict its state', id::text FROM voucher
    WHERE (state = 'REDEEMED') <> (redeemed_at IS NOT NULL)
        OR (state = 'CANCELLED') <> (cancelled_at IS NOT NULL)
    LIMIT 20
    """
)
