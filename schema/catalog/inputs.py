"""Inputs of product queries."""

from typing import Annotated
from uuid import UUID

import strawberry

from core.errors import BadInput
from engine.ids import id_field, id_of, ids_of
from engine.scalars import BigInt, CountryCode, CurrencyCode
from engine.types import column
from models.catalog.drafts import MAX_KEY_LENGTH
from models.catalog.products import MAX_OPTION_VALUES, MAX_OPTIONS
from models.pictures import MAX_PRODUCT_PICTURES
from schema.catalog.enums import ProductKind, ProductState
from schema.offers.inputs import NearInput
from services.catalog.search import ChosenOption, ProductFilter
from services.near import Near

ProductId = Annotated[UUID, id_of("Product", "The product's id.")]
VariantId = Annotated[UUID, id_of("Variant", "The variant's id.")]
PictureIds = Annotated[
    list[UUID],
    ids_of(
        "Upload",
        f"The `uploadId` of each picture of the product, in the new order: at most"
        f" {MAX_PRODUCT_PICTURES}.",
    ),
]


@strawberry.input(description="An option, and the values of which a variant must have one.")
class OptionWhere:
    key: str = column("The option's key.")
    values: list[str] = column(f"The keys of values, at most {MAX_OPTION_VALUES}.")


@strawberry.input(description="Conditions of a list of products. All of them must hold.")
class ProductWhere:
    vendor_id: UUID | None = id_field("Vendor", "Of this vendor.", default=None)
    category_id: UUID | None = id_field(
        "Category", "In this category or one of its descendants.", default=None
    )
    country: CountryCode | None = strawberry.field(
        default=None, description="Of vendors in this country."
    )
    kind: ProductKind | None = strawberry.field(default=None, description="Of this kind.")
    currency: CurrencyCode | None = strawberry.field(
        default=None, description="With prices in this currency."
    )
    price_from: BigInt | None = strawberry.field(
        default=None,
        description="With a lowest price of at least this, in the minor unit of `currency`.",
    )
    price_below: BigInt | None = strawberry.field(
        default=None,
        description="With a lowest price below this, in the minor unit of `currency`.",
    )
    options: list[OptionWhere] | None = strawberry.field(
        default=None,
        description=f"With an active variant that has these options, at most {MAX_OPTIONS}.",
    )
    in_stock: bool = strawberry.field(
        default=False,
        description="With such a variant that can be bought. An answer to anonymous callers can be"
        " a few seconds old.",
    )
    states: list[ProductState] | None = strawberry.field(
        default=None,
        description="In one of these states. Defaults to live products. Products that aren't live"
        " are found only at the viewer's own vendors.",
    )


def product_filter(
    where: ProductWhere, near: NearInput | None, search: str | None
) -> ProductFilter:
    """Return the conditions. Raises `BadInput` for prices without a currency, and long lists."""
    if where.currency is None and (where.price_from, where.price_below) != (None, None):
        raise BadInput("Choose a currency for the prices.")
    below = where.price_below
    return ProductFilter(
        vendor_id=where.vendor_id,
        category_id=where.category_id,
        country=where.country,
        kind=where.kind,
        currency=where.currency,
        price_from=where.price_from,
        price_below=below,
        options=_options(where.options or []),
        in_stock=where.in_stock,
        states=None if where.states is None else tuple(sorted(set(where.states))),
        near=Near(near.latitude, near.longitude, near.within_km) if near else None,
        search=search,
    )


def _options(given: list[OptionWhere]) -> tuple[ChosenOption, ...]:
    if len(given) > MAX_OPTIONS or any(len(one.values) > MAX_OPTION_VALUES for one in given):
        raise BadInput(
            "Choose at most {options} options, with at most {values} values each.",
            options=MAX_OPTIONS,
            values=MAX_OPTION_VALUES,
        )
    keys = [key for one in given for key in (one.key, *one.values)]
    if any(len(key) > MAX_KEY_LENGTH or "\0" in key for key in keys):
        return (ChosenOption("", ()),)  # which no variant has
    return tuple(ChosenOption(one.key, tuple(one.values)) for one in given)
