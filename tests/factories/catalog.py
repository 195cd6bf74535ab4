"""Products, their variants and their stock."""

from typing import Any

from sqlmodel import col, func, select

from core.clock import now
from core.text.search_text import searchable
from models.catalog.products import Product, ProductKind, ProductState
from models.catalog.slugs import ProductSlug
from models.catalog.variants import Variant, VariantState
from models.stock.levels import MovementKind, Stock, StockMovement
from models.vendors import Vendor
from tests.client import gid
from tests.factories.base import NUMBERS, RowStore
from tests.factories.offers import texts

SIZES: list[dict[str, Any]] = [
    {
        "key": "size",
        "name": {"en": "Size", "de": "Größe"},
        "values": [
            {"key": "s", "name": {"en": "Small", "de": "Klein"}},
            {"key": "l", "name": {"en": "Large", "de": "Groß"}},
        ],
    }
]


class CatalogRows(RowStore):
    """Creates products."""

    async def product(
        self, vendor: Vendor, *, variants: int = 1, on_hand: int = 10, **values: Any
    ) -> Product:
        """Return a published product, with variants for 100.00 each and ten units of stock."""
        number = next(NUMBERS)
        price = values.pop("price", 10_000)
        given: dict[str, Any] = {
            "category_id": vendor.category_id,
            "kind": ProductKind.PHYSICAL,
            "state": ProductState.PUBLISHED,
            "locale": vendor.locale,
            "title": {"en": f"Product {number}"},
        } | values
        if variants:
            given |= {"min_price": price, "max_price": price}
        if given["state"] != ProductState.DRAFT:
            given.setdefault("published_at", now())
        product = Product(
            vendor_id=vendor.id,
            currency=vendor.currency,
            country=vendor.country,
            latitude=vendor.latitude,
            longitude=vendor.longitude,
            search_text=searchable(*given["title"].values(), vendor.name, vendor.city),
            **given,
        )
        slug = ProductSlug(vendor_id=vendor.id, slug=f"product-{number}", product_id=product.id)
        await self.save(product, slug)
        for place in range(variants):
            options = {"number": str(place)} if place else {}
            await self.variant(product, price=price, on_hand=on_hand, options=options)
        return product

    async def variant(self, product: Product, *, on_hand: int = 10, **values: Any) -> Variant:
        """Return a variant with stock, and set the prices of its product."""
        given: dict[str, Any] = {"sku": f"SKU-{next(NUMBERS)}", "price": 10_000} | values
        variant = Variant(
            product_id=product.id,
            vendor_id=product.vendor_id,
            currency=product.currency,
            **given,
        )
        stock = Stock(variant_id=variant.id, on_hand=on_hand)
        received = StockMovement(
            variant_id=variant.id,
            kind=MovementKind.RECEIVED,
            quantity=on_hand,
            on_hand=on_hand,
        )
        async with self.database.session() as session, session.begin():
            session.add_all([variant, stock, *([received] if on_hand else [])])
            await session.flush()
            prices = select(func.min(Variant.price), func.max(Variant.price)).where(
                Variant.product_id == product.id, Variant.state == VariantState.ACTIVE
            )
            row = await session.get_one(Product, product.id)
            row.min_price, row.max_price = (await session.exec(prices)).one()
        return variant

    async def variants(self, product: Product) -> list[Variant]:
        rows = select(Variant).where(Variant.product_id == product.id)
        async with self.database.session() as session:
            return [*await session.exec(rows.order_by(col(Variant.id)))]

    async def stock(self, variant: Variant) -> Stock:
        """Return the stock of a variant as the database has it now."""
        rows = select(Stock).where(Stock.variant_id == variant.id)
        async with self.database.session() as session:
            return (await session.exec(rows)).one()


def product_input(vendor: Vendor, key: str = "first", **changes: Any) -> dict[str, Any]:
    """Return the minimal input of `createProduct`, with changes."""
    return {
        "vendorId": gid(vendor),
        "title": texts(en="Blue mug"),
        "idempotencyKey": key,
    } | changes


def money(amount: int, currency: str = "INR") -> dict[str, Any]:
    return {"amountMinor": amount, "currency": currency}
