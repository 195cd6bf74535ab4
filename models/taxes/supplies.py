"""Sales of one vendor to one place, and the taxes of their lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from models.catalog.products import TaxClass
from models.pricing.tax_rules import (
    UNITED_STATES,
    Jurisdiction,
    SellerKind,
    Supply,
    Treatment,
)
from models.pricing.taxes import Rates
from models.taxes.numbers import is_tax_number
from models.taxes.rates import TaxRate, find_rate
from models.taxes.registrations import TaxRegistration, includes_tax
from models.vendors import Vendor


@dataclass(frozen=True)
class SaleLine:
    """Goods of a sale, as far as they decide on taxes."""

    id: UUID
    tax_class: TaxClass
    hsn_code: str | None = None


@dataclass(frozen=True)
class Sale:
    """Lines of a vendor, and where they are delivered: the vendor's own place if picked up.

    `buyer_tax_id` is a number that the buyer entered, in any spelling.
    """

    vendor: Vendor
    destination: Jurisdiction
    lines: Sequence[SaleLine]
    buyer_tax_id: str | None = None

    @property
    def origin(self) -> Jurisdiction:
        return Jurisdiction(self.vendor.country, self.vendor.subdivision)

    def day(self, moment: datetime) -> date:
        """Return the day of the sale, which is that at the vendor."""
        return moment.astimezone(ZoneInfo(self.vendor.time_zone)).date()


@dataclass(frozen=True)
class SaleTaxes:
    """The taxes of a sale by the ids of its lines. Those that are `unknown` have none yet.

    `registration` is the one under which the vendor sells, None if it is registered nowhere.
    """

    registration: TaxRegistration | None
    treatment: Treatment
    inclusive: bool
    rates: Mapping[UUID, Rates]
    unknown: frozenset[UUID] = frozenset()


def tax_sale(
    sale: Sale, registrations: Iterable[TaxRegistration], rates: Iterable[TaxRate], moment: datetime
) -> SaleTaxes:
    """Choose the taxes of a sale, by the registrations of its vendor and the rates of that day.

    A vendor without a registration sells untaxed, as one that has declared to have none.
    """
    registration = _choose(sale, registrations)
    country = sale.vendor.country
    inclusive = registration.prices_include_tax if registration else includes_tax(country)
    supply = _supply(sale, registration)
    treatment = supply.treatment
    known, unknown = {}, set[UUID]()
    for line in sale.lines:
        found = _rates(supply, line, rates, sale.day(moment))
        known[line.id] = found or ()
        if found is None:
            unknown.add(line.id)
    return SaleTaxes(registration, treatment, inclusive, known, frozenset(unknown))


def _choose(sale: Sale, registrations: Iterable[TaxRegistration]) -> TaxRegistration | None:
    """Return the registration under which a vendor sells.

    In the United States it is that of the state of the buyer: without one, no tax is collected
    there. Elsewhere it is that of the vendor's own place, else of its country.
    """
    origin, destination = sale.origin, sale.destination
    own = [one for one in registrations if one.country == origin.country]
    if origin.country == UNITED_STATES:
        there = destination.subdivision if destination.country == UNITED_STATES else None
        own = [one for one in own if one.region == there]
    return min(
        own,
        key=lambda one: (one.region != origin.subdivision, one.region or ""),
        default=None,
    )


def _supply(sale: Sale, registration: TaxRegistration | None) -> Supply:
    origin, seller = sale.origin, SellerKind.NONE
    if registration is not None:
        seller = registration.kind
        if registration.country != UNITED_STATES:
            origin = Jurisdiction(registration.country, registration.region)
    number = sale.buyer_tax_id
    registered = number is not None and is_tax_number(number, sale.destination)
    return Supply(origin, sale.destination, seller, registered)


def _rates(supply: Supply, line: SaleLine, rates: Iterable[TaxRate], day: date) -> Rates | None:
    """Return the taxes of a line, None if they are not known."""
    if supply.treatment is Treatment.NOT_TAXED:
        return ()
    if not supply.states_known:
        return None
    if supply.treatment is not Treatment.TAXED:
        return supply.rates(0)
    found = find_rate(rates, day, supply.destination, line.tax_class, line.hsn_code)
    if found is not None:
        return supply.rates(found.bps, found.cess_bps)
    return () if line.tax_class is TaxClass.EXEMPT else None
