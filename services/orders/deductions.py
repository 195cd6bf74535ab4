"""Deductions of a vendor's part: their rates when an order is placed, and their money.

What a confirmation takes from the vendor to each account, refunds give back from there. So the
accounts of the platform never depend on the rates of another day.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from core.statements.parameters import current_time
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg
from models.pricing.deductions import DeductionRates, Deductions

ACCOUNTS: Mapping[str, AccountKind] = {
    "commission": AccountKind.COMMISSION,
    "commission_tax": AccountKind.GST_OUT,
    "tcs": AccountKind.TCS_DUE,
    "tds": AccountKind.TDS_DUE,
}

# A tax holds on the day at the vendor.
RATES = Statement(
    text(
        """
        SELECT vendor.id,
            coalesce((
                SELECT bps FROM vendor_commission
                WHERE vendor_id = vendor.id AND starts_at <= :current_time
                ORDER BY starts_at DESC LIMIT 1
            ), 0) AS commission,
            coalesce(commission_tax, 0) AS commission_tax,
            coalesce(tcs, 0) AS tcs,
            coalesce(tds, 0) AS tds
        FROM vendor CROSS JOIN LATERAL (
            SELECT max(bps) FILTER (WHERE levy = 'COMMISSION') AS commission_tax,
                max(bps) FILTER (WHERE levy = 'TCS') AS tcs,
                max(bps) FILTER (WHERE levy = 'TDS') AS tds
            FROM tax_rate
            WHERE country = vendor.country AND levy IS NOT NULL
                AND daterange(starts_on, ends_on, '[]')
                    @> CAST(:current_time AT TIME ZONE vendor.time_zone AS date)
        ) AS levies
        WHERE vendor.id = ANY(:vendor_ids)
        """
    ).bindparams(current_time(), bindparam("vendor_ids", type_=ARRAY(Uuid())))
)


async def find_rates(unit: UnitOfWork, vendor_ids: Sequence[UUID]) -> Mapping[UUID, DeductionRates]:
    """Return the rates of vendors by their ids.

    A vendor for which no commission was set pays none. Nothing is locked: a rate that has begun is
    never changed.
    """
    rows = await RATES.fetch(await connection_of(unit), vendor_ids=vendor_ids)
    return {
        row["id"]: DeductionRates(row["commission"], row["commission_tax"], row["tcs"], row["tds"])
        for row in rows
    }


def take(vendor: Account, deductions: Deductions, suborder_id: UUID) -> Iterator[Leg]:
    """Yield what a vendor's account pays to those of the platform."""
    for name, amount in deductions.columns.items():
        if amount:
            yield Leg(vendor, Account(ACCOUNTS[name], vendor.currency), amount, suborder_id)


def return_deductions(vendor: Account, deductions: Deductions, suborder_id: UUID) -> Iterator[Leg]:
    """Yield what the accounts of the platform pay back to a vendor's account."""
    for leg in take(vendor, deductions, suborder_id):
        yield Leg(leg.credit, leg.debit, leg.amount, leg.source_id)
