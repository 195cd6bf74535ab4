"""Payouts: the ledger has the money of each exactly where its state has it."""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH moved AS (
        SELECT payout.id, payout.state, payout.amount, posting.kind, sum(entry.amount) AS posted
        FROM payout CROSS JOIN (VALUES ('payout'), ('payout_done'), ('payout_back'))
            AS posting (kind)
        LEFT JOIN ledger_entry AS entry ON entry.posting = posting.kind || ':' || payout.id
        GROUP BY payout.id, payout.state, payout.amount, posting.kind
    ), sums AS (
        SELECT id, state, amount,
            coalesce(max(posted) FILTER (WHERE kind = 'payout'), 0) AS sent,
            coalesce(max(posted) FILTER (WHERE kind = 'payout_done'), 0) AS done,
            coalesce(max(posted) FILTER (WHERE kind = 'payout_back'), 0) AS back
        FROM moved GROUP BY id, state, amount
    ), transit AS (
        SELECT account.id, coalesce(sum(
            CASE WHEN entry.credit_id = account.id THEN entry.amount ELSE -entry.amount END
        ), 0) AS balance, (
            SELECT coalesce(sum(amount), 0) FROM payout
            WHERE vendor_id = owner_id AND payout.currency = account.currency
                AND state IN ('SENDING', 'UNKNOWN', 'IN_TRANSIT')
        ) AS underway
        FROM ledger_account AS account
        LEFT JOIN ledger_entry AS entry
            ON entry.credit_id = account.id OR entry.debit_id = account.id
        WHERE kind = 'IN_TRANSIT' GROUP BY account.id
    )
    SELECT 'payout whose postings do not agree with its state' AS rule, id::text AS row
    FROM sums WHERE NOT CASE state
        WHEN 'PLANNED' THEN (sent, done, back) = (0, 0, 0)
        WHEN 'SENDING' THEN (sent, done, back) = (amount, 0, 0)
        WHEN 'UNKNOWN' THEN (sent, done, back) = (amount, 0, 0)
        WHEN 'IN_TRANSIT' THEN (sent, done, back) = (amount, 0, 0)
        WHEN 'PAID' THEN (sent, done) = (amount, amount) AND back IN (0, amount)
        WHEN 'FAILED' THEN (sent, done, back) = (amount, 0, amount)
        WHEN 'RETURNED' THEN (sent, done, back) = (amount, amount, amount)
        ELSE done = 0 AND sent = back
    END
    UNION ALL
    SELECT 'money in transit that is of no payout', id::text FROM transit
    WHERE balance <> underway
    UNION ALL
    SELECT 'file whose sum or number is not that of its payouts', file.id::text
    FROM payout_file AS file LEFT JOIN payout ON file_id = file.id
    GROUP BY file.id HAVING file.total <> coalesce(sum(amount), 0)
        OR file.count <> count(payout.id)
    UNION ALL
    SELECT 'release that does not agree with its postings', suborder_id::text
    FROM suborder_release AS release
    WHERE amount <> (
        SELECT coalesce(sum(entry.amount), 0) FROM ledger_entry AS entry
        WHERE posting = 'release:' || suborder_id
    ) OR (unreserved_at IS NOT NULL) <> EXISTS (
        SELECT FROM ledger_entry WHERE posting = 'unreserve:' || suborder_id
    )
    UNION ALL
    SELECT 'line of a provider that agrees with a posting that does not exist', id::text
    FROM provider_transaction AS line
    WHERE state = 'MATCHED' AND kind <> 'BALANCE' AND posting IS NOT NULL AND NOT EXISTS (
        SELECT FROM ledger_entry WHERE ledger_entry.posting = line.posting
    )
    UNION ALL
    SELECT 'line without a posting that no other line cancels', line.id::text
    FROM provider_transaction AS line
    WHERE state = 'MATCHED' AND posting IS NULL AND (
        SELECT sum(amount) FROM provider_transaction AS other
        WHERE state = 'MATCHED' AND posting IS NULL AND other.provider = line.provider
            AND other.source = line.source AND other.currency = line.currency
    ) <> 0
    UNION ALL
    SELECT 'payout with a return that is noted, and whose money cannot come back', id::text
    FROM payout WHERE return_noted_by IS NOT NULL AND return_confirmed_by IS NULL
        AND state NOT IN ('UNKNOWN', 'IN_TRANSIT', 'PAID')
    LIMIT 20
    """.replace("::", r"\:\:")
    .replace(" ':'", r" '\:'")
    .replace("release:'", r"release\:'")
    .replace("unreserve:'", r"unreserve\:'")
)
