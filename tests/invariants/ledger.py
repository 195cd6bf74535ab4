"""The ledger: balances and snapshots are the sums of entries, and held money is of one order."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH moved AS (
        SELECT debit_id AS account_id, -amount AS amount, xid, posting FROM ledger_entry
        UNION ALL SELECT credit_id, amount, xid, posting FROM ledger_entry
    ), held AS (
        SELECT split_part(posting, ':', 2) AS order_id, sum(moved.amount) AS amount,
            bool_or(split_part(posting, ':', 1) NOT IN ('hold', 'campaign_hold')) AS is_over
        FROM moved JOIN ledger_account ON ledger_account.id = account_id
        WHERE kind = 'WALLET_HELD' GROUP BY 1
    )
    SELECT 'guarded account whose balance differs from the sum of its entries' AS rule,
        account.id::text AS row
    FROM ledger_account AS account LEFT JOIN moved ON account_id = account.id
    WHERE guarded GROUP BY account.id HAVING account.balance <> coalesce(sum(amount), 0)
    UNION ALL
    SELECT 'snapshot that differs from the sum of the entries before it', snapshot.account_id::text
    FROM ledger_snapshot AS snapshot
    LEFT JOIN moved ON moved.account_id = snapshot.account_id AND xid < upto
    WHERE upto <= pg_snapshot_xmin(pg_current_snapshot())
    GROUP BY snapshot.account_id HAVING snapshot.balance <> coalesce(sum(amount), 0)
    UNION ALL
    SELECT 'order that has not taken or given back exactly what it has held', order_id FROM held
    WHERE amount < 0 OR (is_over AND amount <> 0)
    UNION ALL
    SELECT 'wallet of neither a user nor a vendor', id::text FROM ledger_account
    WHERE kind LIKE 'WALLET%' AND NOT EXISTS (SELECT FROM "user" WHERE id = owner_id)
        AND NOT EXISTS (SELECT FROM vendor WHERE id = owner_id)
    UNION ALL
    SELECT 'approved adjustment without its posting, or another one with it', id::text
    FROM ledger_adjustment AS adjustment
    WHERE (state = 'APPROVED') <> EXISTS (
        SELECT FROM ledger_entry WHERE posting = 'adjust:' || adjustment.id
    )
    LIMIT 20
    """.replace("::", r"\:\:")
    .replace(" ':'", r" '\:'")
    .replace("adjust:", r"adjust\:")
)
