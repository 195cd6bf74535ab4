"""Loaders of rates of taxes, and of registrations of vendors."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import grouped, visible
from models.taxes.rates import TaxRate
from models.taxes.registrations import TaxRegistration
from services.taxes.rates import visible_tax_rates
from services.taxes.registrations import visible_tax_registrations


def _registrations(_: object, selected: Selected | None) -> AnySelect:
    columns = columns_of(TaxRegistration, selected, "vendor_id")
    rows = select(*columns).where(any_of(col(TaxRegistration.vendor_id)))
    return rows.order_by(
        col(TaxRegistration.country), col(TaxRegistration.region), col(TaxRegistration.id)
    )


visible_tax_rate = visible(TaxRate, visible_tax_rates)
visible_tax_registration = visible(TaxRegistration, visible_tax_registrations)
registrations_of_vendor = grouped(TaxRegistration, "vendor_id", _registrations)
