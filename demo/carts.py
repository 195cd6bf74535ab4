"""Seeds carts of customers, and some problems of the demo customer's."""

from collections.abc import Sequence
from datetime import timedelta

from demo.cities import CITIES
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from demo.rng import SeededRandom
from models.carts import Cart, CartLine
from models.catalog.products import ProductState
from models.catalog.variants import Variant
from models.identity.accounts import User
from models.vendors import VendorStatus

SHARE = 0.1  # of the customers who have a cart
AGE = timedelta(days=12)
SEEN_SHARE = 0.9  # of the price now: what the demo customer saw of the first line
MANY = 99  # units of the second line, more than are in stock


def seed_carts(rng: SeededRandom, dataset: Dataset) -> None:
    """Add carts of variants that are sold in the customer's country."""
    countries = {city.name: city.country for city in CITIES}
    for name, customers in dataset.customers.items():
        sold = find_sold(dataset, countries[name])
        for customer in customers:
            has_cart = rng.chance(SHARE)
            if dataset.emails[customer.id] == CUSTOMER.email:
                first, second, *_ = _add_cart(rng, dataset, customer, sold, 4)
                first.seen_price = round(first.seen_price * SEEN_SHARE)
                second.quantity = MANY
            elif has_cart and sold:
                _add_cart(rng, dataset, customer, sold, rng.randint(1, 3))


def find_sold(dataset: Dataset, country: str) -> Sequence[Variant]:
    """Return the variants with stock that approved vendors of a country sell."""
    vendors = {
        vendor.row.id for vendor in dataset.vendors if vendor.row.status is VendorStatus.APPROVED
    }
    products = {
        product.id
        for product in dataset.products
        if product.state is ProductState.PUBLISHED
        and product.country == country
        and product.vendor_id in vendors
    }
    stocked = {stock.variant_id for stock in dataset.stock if stock.on_hand > 0}
    return [
        variant
        for variant in dataset.variants
        if variant.product_id in products and variant.id in stocked and variant.tracks_stock
    ]


def _add_cart(
    rng: SeededRandom, dataset: Dataset, user: User, sold: Sequence[Variant], count: int
) -> Sequence[CartLine]:
    created_at = rng.between(dataset.now - AGE, dataset.now)
    cart = Cart(
        id=rng.uuid7_at(created_at), created_at=created_at, user_id=user.id, updated_at=created_at
    )
    lines = [
        CartLine(
            id=rng.uuid7_at(created_at + timedelta(seconds=number)),
            created_at=created_at + timedelta(seconds=number),
            cart_id=cart.id,
            variant_id=variant.id,
            quantity=rng.randint(1, min(3, variant.most)),
            seen_price=variant.price,
        )
        for number, variant in enumerate(rng.sample(sold, min(count, len(sold))))
    ]
    dataset.carts.append(cart)
    dataset.cart_lines += lines
    return lines
