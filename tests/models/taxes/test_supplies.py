"""The taxes of sales: by registrations, rates of the day, and the places of both sides."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.countries.addresses import subdivisions
from models.catalog.products import TaxClass
from models.pricing.tax_rules import (
    EUROPEAN_UNION,
    WITHOUT_LEGISLATURE,
    Jurisdiction,
    SellerKind,
    Treatment,
    gst_state,
)
from models.pricing.taxes import Rate, Rates, TaxComponent
from models.taxes.rates import TaxRate
from models.taxes.registrations import TaxRegistration, includes_tax
from models.taxes.supplies import Sale, SaleLine, SaleTaxes, tax_sale
from models.vendors import Vendor

CGST, SGST, UTGST = TaxComponent.CGST, TaxComponent.SGST, TaxComponent.UTGST
IGST, CESS, VAT = TaxComponent.IGST, TaxComponent.CESS, TaxComponent.VAT
STATES = subdivisions("IN")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
LINE = UUID(int=1)
NONE = frozenset[UUID]()
GST_18: Rates = (Rate(CGST, 900), Rate(SGST, 900))
ZONES = {"IN": "Asia/Kolkata", "US": "America/New_York", "NG": "Africa/Lagos"}
HOMES = {"IN": "Karnataka", "US": "NY", "NG": "Lagos"}


def rate(country: str, bps: int, **values: Any) -> TaxRate:
    given: dict[str, Any] = {
        "tax_class": None if "hsn_prefix" in values else TaxClass.STANDARD,
        "starts_on": date(2017, 7, 1),
        "source": "A law",
    } | values
    return TaxRate(country=country, bps=bps, **given)


RATES = [
    rate("IN", 1_800),
    rate("IN", 500, tax_class=TaxClass.REDUCED, starts_on=date(2025, 9, 22)),
    rate("IN", 1_200, tax_class=TaxClass.REDUCED, ends_on=date(2025, 9, 21)),
    rate("IN", 2_800, hsn_prefix="2202", cess_bps=1_200, ends_on=date(2025, 9, 21)),
    rate("IN", 4_000, hsn_prefix="220210", starts_on=date(2025, 9, 22)),
    rate("DE", 1_900),
    rate("FR", 2_000),
    rate("NG", 750),
    rate("US", 888, region="NY"),
]


def vendor(country: str = "IN", subdivision: str | None = None) -> Vendor:
    values: dict[str, Any] = {
        "id": uuid4(),
        "country": country,
        "subdivision": subdivision or HOMES.get(country),
        "time_zone": ZONES.get(country, "Europe/Berlin"),
    }
    return Vendor(**values)


def registered(
    seller: Vendor, kind: SellerKind = SellerKind.REGULAR, **values: Any
) -> TaxRegistration:
    given: dict[str, Any] = {
        "country": seller.country,
        "region": seller.subdivision if seller.country in {"IN", "US"} else None,
        "prices_include_tax": includes_tax(seller.country),
    } | values
    return TaxRegistration(vendor_id=seller.id, kind=kind, **given)


def taxes_of(
    seller: Vendor,
    to: Jurisdiction,
    *registrations: TaxRegistration,
    moment: datetime = NOON,
    buyer: str | None = None,
    tax_class: TaxClass = TaxClass.STANDARD,
    hsn_code: str | None = None,
    rates: Iterable[TaxRate] = RATES,
) -> SaleTaxes:
    sale = Sale(seller, to, [SaleLine(LINE, tax_class, hsn_code)], buyer)
    return tax_sale(sale, registrations or [registered(seller)], rates, moment)


@given(st.sampled_from(STATES), st.sampled_from(STATES))
def test_gst_of_any_two_states(origin: str, destination: str) -> None:
    """The same state: two equal halves, and UTGST without a legislature. Else IGST."""
    found = taxes_of(vendor("IN", origin), Jurisdiction("IN", destination))
    if gst_state(origin) == gst_state(destination):
        second = UTGST if gst_state(origin) in WITHOUT_LEGISLATURE else SGST
        assert found.rates[LINE] == (Rate(CGST, 900), Rate(second, 900))
    else:
        assert found.rates[LINE] == (Rate(IGST, 1_800),)
    assert (found.treatment, found.inclusive, found.unknown) == (Treatment.TAXED, True, NONE)


@given(st.sampled_from(STATES), st.sampled_from([SellerKind.COMPOSITION, SellerKind.NONE]))
def test_gst_of_sellers_who_do_not_charge_it(state: str, kind: SellerKind) -> None:
    seller = vendor()
    found = taxes_of(seller, Jurisdiction("IN", state), registered(seller, kind), rates=[])
    assert (found.treatment, found.rates[LINE]) == (Treatment.NOT_TAXED, ())
    assert found.unknown == NONE


COUNTRIES = st.sampled_from(["DE", "FR", "GB", "NG", "US", "IN", "CH"])


@given(COUNTRIES, st.sampled_from(["DE", "FR"]), st.booleans())
def test_vat_of_the_european_union(to: str, origin: str, business: bool) -> None:
    """Inside of a country and to consumers: taxed at the destination. Other countries: exports."""
    numbers = {"DE": "DE136695976", "FR": "FR40303265045", "GB": "GB980780684"}
    seller, buyer = vendor(origin), numbers.get(to) if business else None
    found = taxes_of(seller, Jurisdiction(to), buyer=buyer)
    standard = {"DE": 1_900, "FR": 2_000}.get(to, 0)
    if to not in EUROPEAN_UNION:
        assert (found.treatment, found.rates[LINE]) == (Treatment.EXPORT, (Rate(VAT, 0),))
    elif buyer and to != origin:
        assert (found.treatment, found.rates[LINE]) == (Treatment.REVERSE_CHARGE, (Rate(VAT, 0),))
    else:
        assert (found.treatment, found.rates[LINE]) == (Treatment.TAXED, (Rate(VAT, standard),))


@pytest.mark.parametrize("number", ["FR40303265046", "DE136695976", "40303265045x", ""])
def test_a_number_of_no_business_there_does_not_move_the_tax_to_the_buyer(number: str) -> None:
    found = taxes_of(vendor("DE"), Jurisdiction("FR"), buyer=number)
    assert found.rates[LINE] == (Rate(VAT, 2_000),)


@given(COUNTRIES)
def test_exports_of_other_countries(to: str) -> None:
    for country, zero in (("IN", IGST), ("NG", VAT)):
        if to == country:
            continue
        found = taxes_of(vendor(country), Jurisdiction(to))
        assert (found.treatment, found.rates[LINE]) == (Treatment.EXPORT, (Rate(zero, 0),))
    assert taxes_of(vendor("NG"), Jurisdiction("NG")).rates[LINE] == (Rate(VAT, 750),)


@pytest.mark.parametrize(
    ("to", "rates"),
    [
        (Jurisdiction("US", "NY"), (Rate(VAT, 888),)),
        (Jurisdiction("US", "CA"), ()),  # no registration there, so the vendor collects nothing
        (Jurisdiction("US"), ()),
        (Jurisdiction("DE"), ()),
    ],
)
def test_sales_tax_is_collected_where_the_vendor_is_registered(
    to: Jurisdiction, rates: Rates
) -> None:
    seller = vendor("US")
    found = taxes_of(seller, to, registered(seller), registered(seller, region="WA"))
    assert (found.rates[LINE], found.inclusive) == (rates, False)
    found = taxes_of(seller, Jurisdiction("US", "WA"), registered(seller, region="WA"))
    assert found.unknown == {LINE}


def test_the_registration_of_the_own_state_goes_before_others() -> None:
    seller = vendor("IN", "Goa")
    delhi, goa = registered(seller, region="Delhi"), registered(seller, region="Goa")
    to_goa = Jurisdiction("IN", "Goa")
    assert taxes_of(seller, to_goa, delhi, goa).rates[LINE] == GST_18
    assert taxes_of(seller, to_goa, delhi).rates[LINE] == (Rate(IGST, 1_800),)
    abroad = registered(seller, country="DE", region=None)
    assert taxes_of(seller, to_goa, abroad).treatment is Treatment.NOT_TAXED


def test_without_a_registration_nothing_is_taxed() -> None:
    sale = Sale(vendor(), Jurisdiction("IN", "Goa"), [SaleLine(LINE, TaxClass.STANDARD)])
    found = tax_sale(sale, [], RATES, NOON)
    assert (found.registration, found.treatment) == (None, Treatment.NOT_TAXED)
    assert (found.rates[LINE], found.inclusive) == ((), True)


@pytest.mark.parametrize(
    ("moment", "bps"),
    [
        # The reform began at midnight in India, which is 18:30 of the day before in UTC.
        (datetime(2025, 9, 21, 18, 29, 59, tzinfo=UTC), 1_200),
        (datetime(2025, 9, 21, 18, 30, tzinfo=UTC), 500),
    ],
)
def test_a_rate_begins_at_midnight_where_the_vendor_is(moment: datetime, bps: int) -> None:
    to = Jurisdiction("IN", "Goa")
    found = taxes_of(vendor(), to, moment=moment, tax_class=TaxClass.REDUCED)
    assert found.rates[LINE] == (Rate(IGST, bps),)


@pytest.mark.parametrize(
    ("day", "hsn_code", "rates"),
    [
        (date(2025, 9, 21), "22021010", (Rate(IGST, 2_800), Rate(CESS, 1_200))),
        (date(2025, 9, 22), "22021010", (Rate(IGST, 4_000),)),
        (date(2025, 9, 22), "22029990", (Rate(IGST, 500),)),
        (date(2025, 9, 22), "2202", (Rate(IGST, 500),)),  # shorter than the prefix
    ],
)
def test_the_longest_prefix_of_an_hsn_code_goes_before_the_class(
    day: date, hsn_code: str, rates: Rates
) -> None:
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    for tax_class in (TaxClass.REDUCED, TaxClass.EXEMPT):
        found = taxes_of(
            vendor(),
            Jurisdiction("IN", "Goa"),
            moment=moment,
            tax_class=tax_class,
            hsn_code=hsn_code,
        )
        by_class = tax_class is TaxClass.EXEMPT and rates == (Rate(IGST, 500),)
        assert found.rates[LINE] == (() if by_class else rates)


def test_a_rate_of_a_region_goes_before_that_of_the_country() -> None:
    rates = [rate("ES", 2_100), rate("ES", 0, region="Las Palmas")]
    seller = vendor("ES")
    for region, bps in (("Las Palmas", 0), ("Madrid", 2_100)):
        found = taxes_of(seller, Jurisdiction("ES", region), rates=rates)
        assert found.rates[LINE] == (Rate(VAT, bps),)


@pytest.mark.parametrize(
    ("to", "values"),
    [
        (Jurisdiction("IN", "Goa"), {"tax_class": TaxClass.ZERO}),  # no rate of zero is set
        (Jurisdiction("IN", "Goa"), {"moment": datetime(2017, 6, 30, 12, tzinfo=UTC)}),
        (Jurisdiction("IN"), {}),
        (Jurisdiction("IN", "Atlantis"), {}),
    ],
)
def test_a_missing_rate_is_a_problem_and_not_zero(to: Jurisdiction, values: dict[str, Any]) -> None:
    found = taxes_of(vendor(), to, **values)
    assert (found.unknown, found.rates[LINE]) == (frozenset({LINE}), ())


def test_exempt_goods_have_no_tax_and_goods_at_zero_have_one_of_zero() -> None:
    to = Jurisdiction("IN", "Karnataka")
    assert taxes_of(vendor(), to, tax_class=TaxClass.EXEMPT).rates[LINE] == ()
    zero = [rate("IN", 0, tax_class=TaxClass.ZERO)]
    found = taxes_of(vendor(), to, tax_class=TaxClass.ZERO, rates=zero)
    assert found.rates[LINE] == (Rate(CGST, 0), Rate(SGST, 0))


def test_prices_include_the_tax_unless_the_registration_says_otherwise() -> None:
    german, american = vendor("DE"), vendor("US")
    assert taxes_of(german, Jurisdiction("DE")).inclusive
    trade = registered(german, prices_include_tax=False)
    assert not taxes_of(german, Jurisdiction("DE"), trade).inclusive
    assert not taxes_of(american, Jurisdiction("US", "NY")).inclusive
