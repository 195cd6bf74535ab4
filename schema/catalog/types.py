"""Products and their variants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.catalog import (
    MAX_RELATED,
    products_related_to,
    retired_variants_of_product,
    slug_of_product,
    variants_of_product,
    visible_product,
    visible_variant,
)
from dataloaders.categories import category_by_id
from dataloaders.orders import units_of_archived_product
from dataloaders.pictures import pictures_of_product
from dataloaders.stock import product_in_stock
from dataloaders.vendors import vendor_by_id
from engine.connections import Connection, Edge, LiveConnection
from engine.scalars import CountryCode
from engine.types import Rows, column, field, localized_text, related
from models.catalog import products as rows
from models.catalog import variants
from models.pictures import MAX_PRODUCT_PICTURES
from schema.catalog.enums import ProductKind, ProductState, TaxClass, VariantState
from schema.catalog.facets import ProductFacets
from schema.downloads.fields import DigitalVariantFields
from schema.lazy import LazyCategory, LazyVendor
from schema.money import Money, money_of, optional_money
from schema.pictures.types import Picture
from schema.stock.variant_fields import StockVariantFields
from schema.texts import LocalizedText
from services.catalog.search import ProductListing

ProductRoot = strawberry.Parent[rows.Product]
VariantRoot = strawberry.Parent[variants.Variant]


@strawberry.type(description="A value of an option, such as the size M.")
class ProductOptionValue:
    key: str = column("The key for programs, unique in its option.")
    name: str = localized_text("name", "The name.")

    @field("The name in all its languages.", needs=("name",), size=2, public=True)
    def names(root: strawberry.Parent[Any]) -> list[LocalizedText]:
        return _texts(root.name)


@strawberry.type(
    description="An option of a product, such as the size. A variant has one value of each."
)
class ProductOption:
    key: str = column("The key for programs, unique in its product.")
    name: str = localized_text("name", "The name.")
    values: list[ProductOptionValue] = strawberry.field(
        description=f"The values in their order, at most {rows.MAX_OPTION_VALUES}.",
        metadata={"size": rows.MAX_OPTION_VALUES},
    )

    @field("The name in all its languages.", needs=("name",), size=2, public=True)
    def names(root: strawberry.Parent[Any]) -> list[LocalizedText]:
        return _texts(root.name)


@strawberry.type(description="The value that a variant has of an option, by their keys.")
class ChosenValue:
    option: str = strawberry.field(description="The option's key.")
    value: str = strawberry.field(description="The value's key.")


def _texts(texts: Mapping[str, str]) -> list[LocalizedText]:
    return [LocalizedText(locale=tag, text=text) for tag, text in sorted(texts.items())]


@strawberry.type(
    description="One combination of a product's options, which can be bought. Visible to everyone"
    " who can see the product while it is ACTIVE, otherwise to the vendor's members and admins."
)
class Variant(
    StockVariantFields,
    DigitalVariantFields,
    Rows[variants.Variant],
    relay.Node,
    access=visible_variant,
):
    id: relay.NodeID[UUID]
    sku: str = column("The stock-keeping unit: the vendor's own number, unique for the vendor.")
    state: VariantState = column("The state of the variant.")
    weight_g: int | None = strawberry.field(
        name="weightG", description="The weight in grams. Null if unknown."
    )
    per_order_max: int | None = column("The most units that one order can take. Null is 999.")
    tracks_stock: bool = column("Whether stock is kept. If not, there are always enough units.")
    updated_at: datetime = column("The time of the last change, apart from its stock.")
    product: "Product | None" = related(
        visible_product,
        by="product_id",
        description="The product. Null unless the viewer can see it.",
        public=True,
    )

    @field("The values of the options.", needs=("options",), size=rows.MAX_OPTIONS, public=True)
    def chosen_options(root: VariantRoot) -> list[ChosenValue]:
        return [ChosenValue(option=key, value=value) for key, value in root.options.items()]

    @field("The price, in the vendor's currency.", needs=("price", "currency"), public=True)
    def price(root: VariantRoot) -> Money:
        return money_of(root.price, root.currency)

    @field(
        "A higher price to show beside the price, such as the former one. Null if there is none.",
        needs=("compare_at", "currency"),
        public=True,
    )
    def compare_at(root: VariantRoot) -> Money | None:
        return optional_money(root.compare_at, root.currency)


@strawberry.type(
    description="Goods of a vendor. Public while it is PUBLISHED and its vendor APPROVED. Otherwise"
    " visible to the vendor's members and admins."
)
class Product(Rows[rows.Product], relay.Node, access=visible_product):
    id: relay.NodeID[UUID]
    kind: ProductKind = column("The kind of the product.")
    state: ProductState = column("The state of the product.")
    title: str = localized_text("title", "The title.")
    description: str = localized_text("description", "The description. May be empty.")
    tax_class: TaxClass = column("The tax class.")
    hsn_code: str | None = column(
        "The code in the Harmonized System, of 4 to 8 digits. Null if unknown."
    )
    country: CountryCode = column("The vendor's country.")
    created_at: datetime = column("The time at which the draft was created.")
    published_at: datetime | None = column("The time of the first publication.")
    canonical_slug: str | None = related(
        slug_of_product,
        by="id",
        description="The product's name in the addresses of pages, after the vendor's. Another one"
        " than asked for is the current one: redirect to it.",
        public=True,
    )
    vendor: LazyVendor = related(
        vendor_by_id, by="vendor_id", description="The vendor.", public=True
    )
    category: LazyCategory = related(
        category_by_id, by="category_id", description="The category.", public=True
    )
    pictures: list[Picture] = related(
        pictures_of_product,
        by="id",
        description=f"The pictures in their order, at most {MAX_PRODUCT_PICTURES}.",
        size=MAX_PRODUCT_PICTURES,
        public=True,
    )
    variants: list[Variant] = related(
        variants_of_product,
        by="id",
        description=f"The active variants in their order, at most {variants.MAX_VARIANTS}.",
        size=10,
        public=True,
    )
    retired_variants: list[Variant] = related(
        retired_variants_of_product,
        by="id",
        description="The retired variants. Empty for all but the vendor's members and admins.",
        size=10,
    )
    units_if_archived: int | None = related(
        units_of_archived_product,
        by="id",
        description="The units of confirmed orders that are still to be shipped after"
        " `archiveProduct`. Null if it is ARCHIVED, and for all but the vendor's members with the"
        " STAFF role or higher, and admins.",
        domain="orders",
    )
    in_stock: bool = related(
        product_in_stock,
        by="id",
        description="Whether a variant can be bought.",
        public=True,
        volatile=True,
    )
    related_products: list["Product"] = related(
        products_related_to,
        by="id",
        description=f"Other products of its category, those of its vendor first: at most"
        f" {MAX_RELATED}.",
        size=MAX_RELATED,
        public=True,
    )

    @field("The title in all its languages.", needs=("title",), size=2, public=True)
    def titles(root: ProductRoot) -> list[LocalizedText]:
        return _texts(root.title)

    @field("The description in all its languages.", needs=("description",), size=2, public=True)
    def descriptions(root: ProductRoot) -> list[LocalizedText]:
        return _texts(root.description)

    @field(
        f"The options in their order, at most {rows.MAX_OPTIONS}.",
        needs=("options", "locale"),
        size=rows.MAX_OPTIONS,
        public=True,
    )
    def options(root: ProductRoot) -> list[ProductOption]:
        choices: Any = root.choices
        return list(choices)

    @field(
        "The lowest price of the active variants. Null without any.",
        needs=("min_price", "currency"),
        public=True,
    )
    def price_from(root: ProductRoot) -> Money | None:
        return optional_money(root.min_price, root.currency)

    @field(
        "The highest price of the active variants. Null without any.",
        needs=("max_price", "currency"),
        public=True,
    )
    def price_to(root: ProductRoot) -> Money | None:
        return optional_money(root.max_price, root.currency)


@strawberry.type(description="A product in a list, with its cursor.")
class ProductEdge(Edge[Product]):
    distance_meters: float | None = strawberry.field(
        default=None,
        description="The straight-line distance in meters from `near`. Null without `near`.",
    )


@strawberry.type(description="A page of products.")
class ProductConnection(Connection[Product]):
    @field("The products with their cursors.", needs=("latitude", "longitude"), public=True)
    def edges(self) -> list[ProductEdge]:
        return [self._edge(place) for place in range(len(self.page.rows))]

    @field("The numbers of products to narrow the list by.", needs=(), public=True)
    def facets(self) -> ProductFacets:
        listing: Any = self.listing
        return ProductFacets(wanted=listing.wanted)

    def _edge(self, place: int) -> ProductEdge:
        edge = ProductEdge.at(self.page, place)
        if isinstance(self.listing, ProductListing) and (near := self.listing.wanted.near):
            edge.distance_meters = round(near.distance(self.page.rows[place]), 1)
        return edge


@strawberry.type(description="A page of a vendor's products, with live changes.")
class ManagedProductConnection(ProductConnection, LiveConnection[Product]):
    pass
