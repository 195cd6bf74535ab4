"""Quotes of any checkout: parts add up to the whole, and the order of the lines does not matter."""

import random
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from models.addresses import AddressDetails, PostalAddress
from models.catalog.products import TaxClass
from models.orders.lines import LineKind
from models.pricing.amounts import share
from models.pricing.discounts import PromoKind
from models.pricing.lines import Line
from models.pricing.tax_rules import Treatment
from models.promos.codes import PromoCode
from models.shipping.rates import RateKind
from models.shipping.zones import ShippingRate
from models.taxes.supplies import SaleTaxes
from models.vendors import Vendor
from services.checkouts.facts import Facts
from services.checkouts.quote import Quote, make_quote
from services.orders.kinds import Sellable
from tests.models.pricing.test_taxes import ALL_RATES

VENDORS = [UUID(int=n) for n in (1, 2, 3)]
ADDRESS = PostalAddress("IN", AddressDetails("Asha Rao", ["12 MG Road"], pin_code="560001"))


@st.composite
def sellables(draw: st.DrawFn) -> list[Sellable]:
    """Return lines of three vendors, some of which need no delivery."""
    numbers = draw(st.lists(st.integers(10, 99), min_size=1, max_size=12, unique=True))
    weights = {number: draw(st.none() | st.integers(0, 5_000)) for number in numbers}
    return [
        Sellable(
            kind=LineKind.GOODS,
            ref_id=UUID(int=number),
            line=Line(
                UUID(int=number),
                draw(st.sampled_from(VENDORS)),
                draw(st.integers(0, 10**6)),
                draw(st.integers(1, 999)),
                delivered=weights[number] is not None,
            ),
            currency="INR",
            locale="en",
            title={"en": "Mug"},
            tax_class=TaxClass.STANDARD,
            weight_g=weights[number],
        )
        for number in numbers
    ]


@st.composite
def promo_codes(draw: st.DrawFn) -> list[PromoCode]:
    kinds = st.sampled_from(
        [(PromoKind.PERCENT, 10_000), (PromoKind.AMOUNT, 10**7), (PromoKind.FREE_DELIVERY, 0)]
    )
    found = []
    for number in range(draw(st.integers(0, 3))):
        kind, most = draw(kinds)
        found.append(
            PromoCode(
                id=UUID(int=200 + number),
                vendor_id=draw(st.none() | st.sampled_from(VENDORS)),
                code=f"CODE-{number}",
                kind=kind,
                value=draw(st.integers(1, most)) if most else 0,
                currency="INR",
                minimum=draw(st.sampled_from([0, 500_00])),
                combines=draw(st.booleans()),
            )
        )
    return found


def _rate(vendor_id: UUID, price: int, free_over: int | None) -> ShippingRate:
    return ShippingRate(
        id=UUID(int=vendor_id.int + 300),
        zone_id=vendor_id,
        vendor_id=vendor_id,
        name="Standard",
        position=0,
        kind=RateKind.FLAT,
        bands=[[None, price]],
        free_over=free_over,
        min_days=1,
        max_days=2,
    )


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    sellable = draw(sellables())
    given: dict[str, Any] = {"currency": "INR", "latitude": 0, "longitude": 0}
    vendors = {id: Vendor(id=id, **given) for id in VENDORS}
    prices, limits = st.integers(0, 10**5), st.none() | st.integers(1, 10**6)
    chosen = draw(st.sets(st.sampled_from(VENDORS)))
    return Facts(
        currency="INR",
        sellable=sellable,
        problems=[],
        vendors=vendors,
        address=ADDRESS,
        rates={id: [_rate(id, draw(prices), draw(limits))] for id in VENDORS},
        chosen={id: UUID(int=id.int + 300) for id in chosen},
        codes=[(code, None) for code in draw(promo_codes())],
        taxes={
            id: SaleTaxes(
                registration=None,
                treatment=Treatment.TAXED,
                inclusive=draw(st.booleans()),
                rates={one.line.id: draw(st.sampled_from(ALL_RATES)) for one in sellable},
            )
            for id in VENDORS
        },
        wallet=draw(st.sampled_from([0, 100_00, 10**12])),
    )


@given(any_facts())
def test_parts_add_up_to_the_whole(facts: Facts) -> None:
    quote = make_quote(facts)
    totals = quote.totals
    assert quote.total == totals.total == sum(one.totals.total for one in quote.groups)
    assert totals.total == totals.goods - totals.discount + totals.shipping + totals.tax_added
    assert totals.goods == sum(one.line.goods for one in facts.sellable)
    assert totals.discount == sum(code.amount for code in quote.codes)
    assert 0 <= quote.wallet <= quote.total
    for group in quote.groups:
        lines = [one.priced for one in group.lines]
        assert group.part.total == sum(one.total for one in lines)
        assert min(one.total for one in lines) >= 0
        assert group.part.shipping == (group.chosen.price if group.chosen else 0)
        assert {one.line.vendor_id for one in lines} == {group.vendor.id}
    assert sum(len(one.lines) for one in quote.groups) == len(facts.sellable)


@given(any_facts())
def test_taxes_are_the_rounded_products_of_their_groups(facts: Facts) -> None:
    for group in make_quote(facts).groups:
        for taxed in group.part.groups:
            for rate, tax in taxed.sum.taxes.items():
                assert tax == share(taxed.sum.taxable, rate.bps)
            assert abs(taxed.sum.rounding) <= 1
        added = sum(taxed.sum.tax for taxed in group.part.groups)
        assert group.totals.tax_added + group.totals.tax_included == added
        assert added == sum(one.tax for one in group.totals.taxes)


def _amounts(quote: Quote) -> object:
    """Return all amounts of a quote, without the order of its parts."""
    parts = {group.vendor.id: group.part for group in quote.groups}
    return parts, [code.amount for code in quote.codes], quote.wallet


@given(any_facts(), st.randoms())
def test_the_order_of_the_lines_does_not_matter(facts: Facts, chance: random.Random) -> None:
    shuffled = replace(facts, sellable=chance.sample(facts.sellable, len(facts.sellable)))
    quote, other = make_quote(facts), make_quote(shuffled)
    assert _amounts(quote) == _amounts(other)
    assert set(quote.problems) == set(other.problems)


@given(any_facts())
def test_what_is_delivered_without_problems_has_a_delivery(facts: Facts) -> None:
    quote = make_quote(facts)
    lacking = {one.vendor_id for one in quote.problems if one.vendor_id}
    for group in quote.groups:
        assert (group.vendor.id in lacking) == (group.is_delivered and group.chosen is None)
