"""Earnings of a month: what the ledger has moved of commission, and of the tax on it.

Commission is billed when its sub-order is released: its goods can no longer be returned then. What
went back before the end of that month is left out of the invoice. What goes back later is on a
credit note of its own month. So each entry belongs to one document, whenever that is issued.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from services.invoices.commissions.months import Month

MOVED = text(
    """
    WITH moved AS (
        SELECT release.*, entry.debit_id, entry.credit_id, entry.amount AS moved
        FROM suborder_release AS release
        JOIN suborder AS part ON part.id = release.suborder_id
        JOIN ledger_entry AS entry
            ON entry.source_id = part.id AND entry.created_at < :stop
            AND entry.posting = ANY(
                ARRAY(SELECT 'grant:' || refund.id FROM refund WHERE order_id = part.order_id)
                || ARRAY(
                    SELECT 'dispute_lost:' || dispute.id
                    FROM dispute JOIN payment ON payment.id = dispute.payment_id
                    WHERE payment.order_id = part.order_id
                )
                || ('confirm:' || part.order_id)
            )
        WHERE release.released_at >= :start AND release.released_at < :stop
        UNION ALL
        SELECT release.*, entry.debit_id, entry.credit_id, entry.amount
        FROM ledger_account AS account
        JOIN ledger_entry AS entry ON entry.debit_id = account.id
            AND entry.created_at >= :start AND entry.created_at < :stop
        JOIN suborder_release AS release
            ON release.suborder_id = entry.source_id AND release.released_at < :start
        WHERE account.kind IN ('COMMISSION', 'GST_OUT')
    ), parts AS (
        SELECT moved.vendor_id, moved.currency, moved.suborder_id,
            CAST(date_trunc('month', moved.released_at AT TIME ZONE :zone) AS date) AS month,
            sum(moved * ((credit.kind = 'COMMISSION')::int - (debit.kind = 'COMMISSION')::int))
                AS commission,
            sum(moved * ((credit.kind = 'GST_OUT')::int - (debit.kind = 'GST_OUT')::int)) AS tax
        FROM moved
        JOIN ledger_account AS debit ON debit.id = moved.debit_id
        JOIN ledger_account AS credit ON credit.id = moved.credit_id
        GROUP BY moved.vendor_id, moved.currency, moved.suborder_id, month
    )
    SELECT parts.vendor_id, parts.currency, month, coalesce((
            SELECT bps FROM tax_rate
            WHERE country = vendor.country AND levy = 'COMMISSION'
                AND daterange(starts_on, ends_on, '[]')
                    @> CAST(ordered.created_at AT TIME ZONE vendor.time_zone AS date)
        ), 0) AS bps,
        count(*), sum(parts.commission), sum(tax)
    FROM parts
    JOIN vendor ON vendor.id = parts.vendor_id
    JOIN suborder AS part ON part.id = parts.suborder_id
    JOIN "order" AS ordered ON ordered.id = part.order_id
    WHERE parts.commission <> 0 OR tax <> 0
    GROUP BY parts.vendor_id, parts.currency, month, bps
    ORDER BY parts.vendor_id, parts.currency, month, bps
    """
)


@dataclass(frozen=True)
class EarnedAtRate:
    """The commission of some sub-orders, and the tax on it at a rate in basis points."""

    bps: int
    count: int
    commission: int
    tax: int


@dataclass(frozen=True)
class Earned:
    """The commission that moved in a month for sub-orders that were released in one month.

    The amounts are negative if that month is an earlier one: they went back.
    """

    vendor_id: UUID
    currency: str
    released: Month
    rates: list[EarnedAtRate]


async def find_earned(session: AsyncSession, month: Month) -> list[Earned]:
    """Return what moved in a month, by vendor, currency and month of the release."""
    start, stop = month.at(month.first), month.at(month.next)
    given = {"start": start, "stop": stop, "zone": str(month.zone)}
    rates: defaultdict[tuple[UUID, str, date], list[EarnedAtRate]] = defaultdict(list)
    for vendor_id, currency, first, bps, count, *sums in await session.execute(MOVED, given):
        commission, tax = map(int, sums)
        rates[vendor_id, currency, first].append(EarnedAtRate(bps, count, commission, tax))
    return [
        Earned(vendor_id, currency, Month(first, month.zone), found)
        for (vendor_id, currency, first), found in rates.items()
    ]
