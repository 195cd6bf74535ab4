"""Held vouchers and fraud cases."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    SELECT 'held voucher without exactly one held attempt' AS rule, voucher.id::text AS row
    FROM voucher LEFT JOIN redemption
        ON redemption.voucher_id = voucher.id AND redemption.outcome = 'HELD'
    WHERE voucher.held_at IS NOT NULL
    GROUP BY voucher.id HAVING count(redemption.id) <> 1
    UNION ALL
    SELECT 'held attempt without a case that holds it', redemption.id::text
    FROM redemption LEFT JOIN fraud_case
        ON fraud_case.redemption_id = redemption.id AND fraud_case.effect IS NULL
    WHERE redemption.outcome = 'HELD' AND fraud_case.id IS NULL
    UNION ALL
    SELECT 'case that holds an attempt that is not held', fraud_case.id::text
    FROM fraud_case JOIN redemption ON redemption.id = fraud_case.redemption_id
    WHERE fraud_case.effect IS NULL AND redemption.outcome <> 'HELD'
    UNION ALL
    SELECT 'label of a case that is not decided', fraud_case.id::text
    FROM case_label JOIN fraud_case ON fraud_case.id = case_label.case_id
    WHERE fraud_case.decision IS NULL
    LIMIT 20
    """
)
