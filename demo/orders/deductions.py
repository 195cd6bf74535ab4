"""The rates of what the platform keeps, from the rows of the demo."""

from datetime import datetime
from zoneinfo import ZoneInfo

from demo.dataset import Dataset
from models.pricing.deductions import DeductionRates
from models.taxes.rates import TaxLevy
from models.vendors import Vendor


def find_rates(dataset: Dataset, vendor: Vendor, moment: datetime) -> DeductionRates:
    """Return the rates of a vendor that hold at a time."""
    begun = [
        one for one in dataset.commissions if one.vendor_id == vendor.id and one.starts_at <= moment
    ]
    day = moment.astimezone(ZoneInfo(vendor.time_zone)).date()
    levies = {
        one.levy: one.bps
        for one in dataset.tax_rates
        if one.levy is not None and one.country == vendor.country and one.holds_on(day)
    }
    return DeductionRates(
        commission=max(begun, key=lambda one: one.starts_at).bps if begun else 0,
        commission_tax=levies.get(TaxLevy.COMMISSION, 0),
        tcs=levies.get(TaxLevy.TCS, 0),
        tds=levies.get(TaxLevy.TDS, 0),
    )
