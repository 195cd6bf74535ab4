"""Invoices: numbers without gaps, credit notes of no more than what they correct, and commission.

What the ledger has moved of commission is on exactly one document of the platform. An entry is of
the month of the release, or of its own if that is later.
"""

from sqlalchemy import text

VIOLATIONS = text(
    """
    WITH numbered AS (
        SELECT issuer_id, kind, fiscal_year, count(*) AS count,
            max(split_part(number, '/', 3)::int) AS highest
        FROM invoice GROUP BY issuer_id, kind, fiscal_year
    ), credited AS (
        SELECT corrects_id, sum(taxable) AS taxable, sum(tax) AS tax, sum(total) AS total
        FROM invoice WHERE corrects_id IS NOT NULL AND corrects_id <> id GROUP BY corrects_id
    ), billed AS (
        SELECT document.vendor_id, document.currency,
            date_trunc('month', (document.content->>'supplied_on')::timestamp) AS month,
            sum(document.taxable * sign) AS commission,
            sum((document.tax + document.rounding) * sign) AS tax
        FROM invoice AS document LEFT JOIN invoice AS corrected
            ON corrected.id = document.corrects_id,
            LATERAL (SELECT CASE document.kind WHEN 'CREDIT_NOTE' THEN -1 ELSE 1 END) AS of(sign)
        WHERE 'COMMISSION' IN (document.kind, corrected.kind)
        GROUP BY document.vendor_id, document.currency, month
    ), moved AS (
        SELECT release.vendor_id, release.currency, date_trunc('month', greatest(
                release.released_at, entry.created_at) AT TIME ZONE 'Asia/Kolkata') AS month,
            sum(CASE account.kind WHEN 'COMMISSION' THEN moved ELSE 0 END) AS commission,
            sum(CASE account.kind WHEN 'GST_OUT' THEN moved ELSE 0 END) AS tax
        FROM ledger_account AS account
        JOIN ledger_entry AS entry ON account.id IN (entry.debit_id, entry.credit_id)
        JOIN suborder_release AS release ON release.suborder_id = entry.source_id,
            LATERAL (SELECT CASE account.id WHEN entry.credit_id THEN entry.amount
                ELSE -entry.amount END) AS of(moved)
        WHERE account.kind IN ('COMMISSION', 'GST_OUT')
        GROUP BY release.vendor_id, release.currency, month
    )
    SELECT 'the numbers of a series have a gap' AS rule, series.id::text AS row
    FROM invoice_series AS series LEFT JOIN numbered ON numbered.kind = series.kind
        AND numbered.fiscal_year = series.fiscal_year
        AND numbered.issuer_id IS NOT DISTINCT FROM series.issuer_id
    WHERE (coalesce(count, 0), coalesce(highest, 0)) <> (next - 1, next - 1)
    UNION ALL
    SELECT 'credit notes exceed what they correct', invoice.id::text
    FROM credited JOIN invoice ON invoice.id = credited.corrects_id
    WHERE credited.total > invoice.total OR credited.tax > invoice.tax
    UNION ALL
    SELECT 'an invoice has another total than its part', invoice.id::text
    FROM invoice JOIN suborder ON suborder.id = source_id
    WHERE invoice.total <> suborder.total
        OR invoice.platform_discount <> suborder.platform_discount
        OR invoice.rounding <> suborder.rounding
        OR invoice.tax <> suborder.tax_added + suborder.tax_included
    UNION ALL
    SELECT 'credit notes and refunds differ', invoice.id::text
    FROM invoice JOIN suborder ON suborder.id = source_id
        JOIN credited ON credited.corrects_id = invoice.id
    WHERE credited.total > suborder.refunded
    UNION ALL
    SELECT 'commission is not billed as the ledger has it', vendor_id::text
    FROM billed FULL JOIN moved USING (vendor_id, currency, month)
    WHERE month <= (SELECT max(month) FROM billed) AND (
        coalesce(billed.commission, 0) <> coalesce(moved.commission, 0)
        OR coalesce(billed.tax, 0) <> coalesce(moved.tax, 0)
    )
    LIMIT 20
    """
)
