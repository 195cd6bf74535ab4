"""Invoices: numbers without gaps, and credit notes of no more than what they correct."""

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
    LIMIT 20
    """
)
