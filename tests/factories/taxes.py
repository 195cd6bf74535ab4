"""Rates of taxes, and registrations of vendors."""

from datetime import date
from typing import Any

from models.catalog.products import TaxClass
from models.pricing.tax_rules import SellerKind
from models.taxes.rates import TaxLevy, TaxRate
from models.taxes.registrations import TaxRegistration, includes_tax
from models.vendors import Vendor
from tests.factories.base import RowStore

GSTIN = "29AAGCB7383J1Z4"  # of Karnataka
GST_START = date(2017, 7, 1)


class TaxRows(RowStore):
    """Creates rates, and registrations of vendors."""

    async def tax_rate(self, **values: Any) -> TaxRate:
        given: dict[str, Any] = {
            "country": "IN",
            "tax_class": None if "hsn_prefix" in values else TaxClass.STANDARD,
            "bps": 1_800,
            "starts_on": GST_START,
            "source": "Notification 1/2017-Central Tax (Rate)",
        } | values
        rate = TaxRate(**given)
        await self.save(rate)
        return rate

    async def levies(self, *, commission: int = 1_800, tcs: int = 50, tds: int = 10) -> None:
        """Set what the platform takes from vendors in India, in basis points."""
        for levy, bps in zip(TaxLevy, (commission, tcs, tds), strict=True):
            await self.tax_rate(tax_class=None, levy=levy, bps=bps)

    async def tax_registration(
        self, vendor: Vendor, *, number: str | None = GSTIN, **values: Any
    ) -> TaxRegistration:
        given: dict[str, Any] = {
            "country": vendor.country,
            "region": vendor.subdivision or "Karnataka",
            "kind": SellerKind.REGULAR if number else SellerKind.NONE,
            "prices_include_tax": includes_tax(vendor.country),
        } | values
        row = TaxRegistration(vendor_id=vendor.id, **given)
        row.seal_number(self.sealer, number)
        await self.save(row)
        return row
