"""Prices goods and tickets for a buyer by the rules of checkouts, from the rows of the demo."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from demo.dataset import Dataset
from models.addresses import PostalAddress
from models.catalog.products import Product
from models.catalog.variants import Variant
from models.orders.lines import LineKind
from models.pricing.lines import Line
from models.shipping.rates import find_zone
from models.shipping.zones import ShippingRate
from models.taxes.supplies import Sale, SaleLine, SaleTaxes, tax_sale
from models.vendors import Vendor
from services.checkouts.facts import Facts
from services.checkouts.quote import Quote, make_quote
from services.orders.kinds import Sellable
from services.shipping.options import destination_of
from services.stock.goods import describe_options


def quote_goods(
    dataset: Dataset,
    wanted: Sequence[tuple[Variant, int]],
    address: PostalAddress,
    moment: datetime,
) -> Quote | None:
    """Return the quote of units, as `quote` does."""
    products = {product.id: product for product in dataset.products}
    sellable = [
        _sellable(variant, products[variant.product_id], quantity) for variant, quantity in wanted
    ]
    return quote(dataset, sellable, address, moment)


def quote(
    dataset: Dataset, sellable: Sequence[Sellable], address: PostalAddress, moment: datetime
) -> Quote | None:
    """Return the quote of what is sold at a time, with the cheapest delivery of each vendor.

    Returns None if it cannot be ordered: a vendor does not deliver, or a tax is not known.
    """
    vendor_ids = {one.line.vendor_id for one in sellable}
    vendors = {one.row.id: one.row for one in dataset.vendors if one.row.id in vendor_ids}
    facts = Facts(
        currency=sellable[0].currency,
        sellable=sellable,
        problems=[],
        vendors=vendors,
        address=address,
        rates={id: _rates(dataset, id, address) for id in vendors},
        chosen={},
        codes=[],
        taxes={
            id: _taxes(dataset, vendor, sellable, address, moment) for id, vendor in vendors.items()
        },
    )
    for group in make_quote(facts).groups:
        if group.deliveries:
            cheapest = {group.vendor.id: group.deliveries[0].rate.id}
            facts = replace(facts, chosen={**facts.chosen, **cheapest})
    made = make_quote(facts)
    return None if made.problems else made


def _sellable(variant: Variant, product: Product, quantity: int) -> Sellable:
    line = Line(
        id=variant.id,
        vendor_id=variant.vendor_id,
        unit=variant.price,
        quantity=quantity,
        product_id=product.id,
        category_ids=frozenset([product.category_id]),
        tax_class=product.tax_class,
        delivered=variant.weight_g is not None,
    )
    return Sellable(
        kind=LineKind.GOODS,
        ref_id=variant.id,
        line=line,
        currency=variant.currency,
        locale=product.locale,
        title=product.title,
        tax_class=product.tax_class,
        options=describe_options(product.options, variant.options),
        sku=variant.sku,
        hsn_code=product.hsn_code,
        weight_g=variant.weight_g,
    )


def _rates(dataset: Dataset, vendor_id: UUID, address: PostalAddress) -> Sequence[ShippingRate]:
    """Return the rates of the vendor's zone of an address."""
    to = destination_of(address.country, address.details)
    zones = [zone for zone in dataset.shipping_zones if zone.vendor_id == vendor_id]
    zone = find_zone(zones, to.country, to.pin_code)
    return [rate for rate in dataset.shipping_rates if zone and rate.zone_id == zone.id]


def _taxes(
    dataset: Dataset,
    vendor: Vendor,
    sellable: Sequence[Sellable],
    address: PostalAddress,
    moment: datetime,
) -> SaleTaxes:
    lines = [
        SaleLine(one.line.id, one.tax_class, one.hsn_code)
        for one in sellable
        if one.line.vendor_id == vendor.id
    ]
    registrations = [one.row for one in dataset.registrations if one.row.vendor_id == vendor.id]
    return tax_sale(Sale(vendor, address.place, lines), registrations, dataset.tax_rates, moment)
