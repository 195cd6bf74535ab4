"""The taxes of sales, for quotes and orders alike."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.taxes.rates import TaxRate, prefixes
from models.taxes.registrations import TaxRegistration
from models.taxes.supplies import Sale, SaleTaxes, tax_sale


async def tax_sales(
    session: AsyncSession, sales: Sequence[Sale], moment: datetime
) -> list[SaleTaxes]:
    """Return the taxes of sales, in their order. It takes two statements, whatever their number.

    Nothing is locked: a rate that has begun never changes, and an order keeps the taxes with which
    it was placed.
    """
    if not sales:
        return []
    registrations = await _registrations(session, {sale.vendor.id for sale in sales})
    rates = await _rates(session, sales, {sale.day(moment) for sale in sales})
    return [tax_sale(sale, registrations[sale.vendor.id], rates, moment) for sale in sales]


async def _registrations(
    session: AsyncSession, vendor_ids: Collection[UUID]
) -> dict[UUID, list[TaxRegistration]]:
    rows = select(TaxRegistration).where(col(TaxRegistration.vendor_id).in_(vendor_ids))
    found = defaultdict(list)
    for one in await session.exec(rows):
        found[one.vendor_id].append(one)
    return found


async def _rates(
    session: AsyncSession, sales: Sequence[Sale], days: Collection[date]
) -> Sequence[TaxRate]:
    """Return the rates that can apply to the lines of sales on some days."""
    places = {sale.destination for sale in sales}
    lines = [line for sale in sales for line in sale.lines]
    codes = {code for line in lines for code in prefixes(line.hsn_code or "")}
    rows = select(TaxRate).where(
        col(TaxRate.country).in_({place.country for place in places}),
        or_(
            col(TaxRate.region).is_(None),
            col(TaxRate.region).in_({one.subdivision for one in places if one.subdivision}),
        ),
        or_(
            col(TaxRate.tax_class).in_({line.tax_class for line in lines}),
            col(TaxRate.hsn_prefix).in_(codes),
        ),
        TaxRate.starts_on <= max(days),
        or_(col(TaxRate.ends_on).is_(None), col(TaxRate.ends_on) >= min(days)),
    )
    return (await session.exec(rows)).all()
