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
    WHERE voucher.max_uses = 1
    GROUP BY voucher.id
    HAVING count(redemption.id) <> (CASE voucher.state WHEN 'REDEEMED' THEN 1 ELSE 0 END)
    UNION ALL
    SELECT 'voucher.used or its balance differs from its standing uses', voucher.id::text
    FROM voucher LEFT JOIN redemption
        ON redemption.voucher_id = voucher.id AND redemption.outcome = 'APPROVED'
            AND redemption.reversed_at IS NULL
    GROUP BY voucher.id
    HAVING voucher.used <> count(redemption.id)
        OR voucher.value_minor - voucher.balance_minor
            <> coalesce(sum(redemption.amount_minor), 0)
    UNION ALL
    SELECT 'voucher that is used up but not redeemed, or the other way round', id::text
    FROM voucher
    WHERE state IN ('CLAIMED', 'REDEEMED')
        AND (state = 'REDEEMED') <> (used >= max_uses OR balance_minor IS NOT DISTINCT FROM 0)
    UNION ALL
    SELECT 'bill whose counters differ from its uses', bill.id::text
    FROM bill LEFT JOIN bill_use AS one ON one.bill_id = bill.id
    GROUP BY bill.id
    HAVING bill.uses <> count(one.voucher_id)
        OR bill.discount_minor <> coalesce(sum(one.amount_minor), 0)
    UNION ALL
    SELECT 'use of a bill by an attempt that takes nothing, or the other way round',
        redemption.id::text
    FROM redemption LEFT JOIN bill_use AS one ON one.redemption_id = redemption.id
    WHERE redemption.bill_id IS NOT NULL AND redemption.outcome <> 'DOUBLE'
        AND (one.redemption_id IS NOT NULL)
            <> (redemption.outcome IN ('APPROVED', 'HELD') AND redemption.reversed_at IS NULL)
    UNION ALL
    SELECT 'household of a voucher without a use', voucher.id::text
    FROM offer_household JOIN voucher ON voucher.id = offer_household.voucher_id
    WHERE voucher.used = 0 AND NOT EXISTS (
        SELECT FROM redemption WHERE voucher_id = voucher.id AND outcome = 'HELD'
    )
    UNION ALL
    SELECT 'visits that differ from the standing uses', vendor_visit.user_id::text
    FROM vendor_visit
    WHERE visits <> (
        SELECT count(*) FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
        WHERE voucher.user_id = vendor_visit.user_id
            AND redemption.vendor_id = vendor_visit.vendor_id
            AND redemption.reversed_at IS NULL AND redemption.outcome IN ('APPROVED', 'HELD')
    )
    UNION ALL
    SELECT 'approval at another vendor or time', redemption.id::text
    FROM redemption JOIN voucher ON voucher.id = redemption.voucher_id
    WHERE redemption.outcome = 'APPROVED' AND redemption.reversed_at IS NULL AND (
        redemption.vendor_id <> voucher.vendor_id
        OR (voucher.max_uses = 1 AND coalesce(redemption.moment, redemption.created_at)
            IS DISTINCT FROM voucher.redeemed_at)
    )
    UNION ALL
    SELECT 'voucher whose timestamps contradict its state', id::text FROM voucher
    WHERE (state = 'REDEEMED') <> (redeemed_at IS NOT NULL)
        OR (state = 'CANCELLED') <> (cancelled_at IS NOT NULL)
    LIMIT 20
    """
)
