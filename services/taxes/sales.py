"""The taxes of sales, for quotes and orders alike."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Text, bindparam, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, or_

from core.statements.selected import select_columns
from core.statements.statement import Statement, any_of
from core.statements.units import UnitOfWork, connection_of
from models.taxes.rates import TaxRate, prefixes
from models.taxes.registrations import TaxRegistration
from models.taxes.supplies import Sale, SaleTaxes, tax_sale


def _among(column: Any, name: str) -> Any:
    return type_coerce(column, Text) == any_(bindparam(name, type_=ARRAY(Text())))


REGISTRATIONS = Statement(
    select_columns(TaxRegistration).where(any_of(col(TaxRegistration.vendor_id))), TaxRegistration
)
RATES = Statement(
    select_columns(TaxRate).where(
        _among(TaxRate.country, "countries"),
        or_(col(TaxRate.region).is_(None), _among(TaxRate.region, "regions")),
        or_(_among(TaxRate.tax_class, "tax_classes"), _among(TaxRate.hsn_prefix, "hsn_prefixes")),
        col(TaxRate.starts_on) <= bindparam("last_day", type_=Date()),
        or_(
            col(TaxRate.ends_on).is_(None),
            col(TaxRate.ends_on) >= bindparam("first_day", type_=Date()),
        ),
    ),
    TaxRate,
)


async def tax_sales(unit: UnitOfWork, sales: Sequence[Sale], moment: datetime) -> list[SaleTaxes]:
    """Return the taxes of sales, in their order. It takes two statements, whatever their number.

    Nothing is locked: a rate that has begun never changes, and an order keeps the taxes with which
    it was placed.
    """
    if not sales:
        return []
    connection = await connection_of(unit)
    vendor_ids = list({sale.vendor.id for sale in sales})
    registrations: dict[UUID, list[TaxRegistration]] = defaultdict(list)
    for one in await REGISTRATIONS.fetch(connection, keys=vendor_ids):
        registrations[one.vendor_id].append(one)
    rates = await RATES.fetch(connection, **_conditions(sales, moment))
    return [tax_sale(sale, registrations[sale.vendor.id], rates, moment) for sale in sales]


def _conditions(sales: Sequence[Sale], moment: datetime) -> dict[str, Any]:
    """Return what the rates must be for that can apply to the lines of sales on their days."""
    places = {sale.destination for sale in sales}
    lines = [line for sale in sales for line in sale.lines]
    days = {sale.day(moment) for sale in sales}
    codes = {code for line in lines for code in prefixes(line.hsn_code or "")}
    return {
        "countries": sorted({place.country for place in places}),
        "regions": sorted({place.subdivision for place in places if place.subdivision}),
        "tax_classes": sorted({line.tax_class for line in lines}),
        "hsn_prefixes": sorted(codes),
        "first_day": min(days),
        "last_day": max(days),
    }
