"""Inputs of product and variant mutations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field
from engine.types import column
from models.catalog.drafts import (
    ProductDraft,
    ProductPatch,
    VariantDraft,
    VariantDrafts,
    VariantPatch,
)
from models.catalog.products import MAX_OPTION_VALUES, MAX_OPTIONS
from models.catalog.slugs import MAX_PRODUCT_SLUGS
from models.catalog.variants import MAX_PER_ORDER, MAX_SKU_LENGTH, MAX_VARIANTS
from models.errors import InvalidInput
from models.pictures import MAX_PRODUCT_PICTURES, PictureDraft, ProductPictures
from models.validation import parse
from schema.catalog.enums import ProductKind, TaxClass
from schema.money import MoneyInput
from schema.pictures.inputs import PictureInput, picture_drafts
from schema.texts import TextLists, Texts, by_locale, parse_texts

KEY = "The key for programs, at most 30 lower-case Latin letters, digits and hyphens"
IDEMPOTENCY_KEY = (
    "A unique key of at most 100 characters. A retry with the same key and input returns the first"
    " request's result."
)


@strawberry.input(description="A value of an option.")
class OptionValueInput:
    key: str = column(f"{KEY}, unique in the option.")
    name: Texts = column("The name in each language, at most 60 characters.")


@strawberry.input(description="An option of a product, such as the size.")
class OptionInput:
    key: str = column(f"{KEY}, unique in the product.")
    name: Texts = column("The name in each language, at most 60 characters.")
    values: list[OptionValueInput] = column(
        f"The values in their order, from 1 to {MAX_OPTION_VALUES}."
    )


@strawberry.input(description="The value that a variant has of an option.")
class ChosenValueInput:
    option: str = column("The option's key.")
    value: str = column("The value's key.")


@strawberry.input(description="A new variant of a product.")
class VariantInput:
    sku: str = column(
        "The stock-keeping unit: the vendor's own number, unique for the vendor, at most"
        f" {MAX_SKU_LENGTH} characters."
    )
    price: MoneyInput = column("The price.")
    options: list[ChosenValueInput] = strawberry.field(
        default_factory=list, description="One value of each option of the product."
    )
    compare_at: MoneyInput | None = strawberry.field(
        default=None, description="A higher price to show beside the price. Defaults to none."
    )
    weight_g: int | None = strawberry.field(
        name="weightG", default=None, description="The weight in grams, at most 1,000,000."
    )
    tracks_stock: bool = strawberry.field(
        default=True, description="Whether stock is kept. If not, there are always enough units."
    )
    per_order_max: int | None = strawberry.field(
        default=None,
        description=f"The most units that one order can take, at most {MAX_PER_ORDER}, which is"
        " also the default.",
    )
    on_hand: int = strawberry.field(
        default=0, description="The units that are there already, at most 1,000,000."
    )


@strawberry.input(description="A new product, created as a DRAFT.")
class CreateProductInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    title: Texts = column("The title in each language, 3 to 120 characters.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    kind: ProductKind = strawberry.field(
        default=ProductKind.PHYSICAL, description="The kind, which cannot be changed."
    )
    description: Texts | None = strawberry.field(
        default=None, description="The description in each language, at most 8,000 characters."
    )
    category_id: UUID | None = id_field(
        "Category", "The category's id. Defaults to the vendor's category.", default=None
    )
    options: list[OptionInput] | None = strawberry.field(
        default=None,
        description=f"The options in their order, at most {MAX_OPTIONS}. Defaults to none.",
    )
    variants: list[VariantInput] | None = strawberry.field(
        default=None,
        description=f"The variants in their order, at most {MAX_VARIANTS}. Defaults to none.",
    )
    pictures: list[PictureInput] | None = strawberry.field(
        default=None,
        description=f"The pictures in their order, at most {MAX_PRODUCT_PICTURES}.",
    )
    tax_class: TaxClass = strawberry.field(default=TaxClass.STANDARD, description="The tax class.")
    hsn_code: str | None = strawberry.field(
        default=None, description="The code in the Harmonized System, of 4 to 8 digits."
    )


@strawberry.input(
    description="Changes to a product. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreateProductInput`; a field that is required there can't be null. The limits are"
    " those of `CreateProductInput`."
)
class UpdateProductInput:
    product_id: UUID = id_field("Product", "The product's id.")
    title: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the title in all languages."
    )
    description: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the description in all languages."
    )
    slug: str | None = strawberry.field(
        default=UNSET,
        description="The new name in the address: 3 to 60 lower-case Latin letters, digits and"
        f" hyphens. Former ones keep leading to the product, at most {MAX_PRODUCT_SLUGS} in all."
        " Can't be null.",
    )
    category_id: UUID | None = id_field("Category", "The new category's id.", default=UNSET)
    options: list[OptionInput] | None = strawberry.field(
        default=UNSET, description="Replaces the options, which all active variants must fit."
    )
    pictures: list[PictureInput] | None = strawberry.field(
        default=UNSET, description="Replaces the pictures. Those that are left out are deleted."
    )
    tax_class: TaxClass | None = strawberry.field(default=UNSET, description="The new tax class.")
    hsn_code: str | None = strawberry.field(default=UNSET, description="The new code.")


@strawberry.input(
    description="Changes to a variant. Omitted fields stay unchanged. Null resets a field to its"
    " default in `VariantInput`; `sku`, `price` and `options` can't be null."
)
class UpdateVariantInput:
    variant_id: UUID = id_field("Variant", "The variant's id.")
    sku: str | None = strawberry.field(default=UNSET, description="The new number.")
    price: MoneyInput | None = strawberry.field(default=UNSET, description="The new price.")
    options: list[ChosenValueInput] | None = strawberry.field(
        default=UNSET, description="Replaces the values of the options."
    )
    compare_at: MoneyInput | None = strawberry.field(
        default=UNSET, description="The new higher price."
    )
    weight_g: int | None = strawberry.field(
        name="weightG", default=UNSET, description="The new weight in grams."
    )
    tracks_stock: bool | None = strawberry.field(
        default=UNSET, description="Whether stock is kept."
    )
    per_order_max: int | None = strawberry.field(
        default=UNSET, description="The new maximum for one order."
    )


def product_draft(input: CreateProductInput) -> ProductDraft:
    return parse_texts(
        ProductDraft,
        _text_lists(input.title, input.description, input.options),
        kind=input.kind,
        title=by_locale("title", texts=input.title),
        description=by_locale("description", texts=input.description or []),
        options=_options(input.options or []),
        tax_class=input.tax_class,
        hsn_code=input.hsn_code,
    )


def product_patch(input: UpdateProductInput) -> ProductPatch:
    """Return the values that the input sets. Null is the default of each."""
    names = ("title", "description", "slug", "category_id", "options", "tax_class", "hsn_code")
    known = {name: getattr(input, name) for name in names if getattr(input, name) is not UNSET}
    for name in ("title", "description"):
        if known.get(name) is not None:
            known[name] = by_locale(name, texts=known[name])
    if known.get("options") is not None:
        known["options"] = _options(known["options"])
    lists = _text_lists(*(getattr(input, name) or None for name in names[:2] + names[4:5]))
    return parse_texts(ProductPatch, lists, **known)


def product_pictures(
    input: CreateProductInput | UpdateProductInput,
) -> list[PictureDraft] | None:
    """Return the pictures that the input sets, or None if it sets none. Null is an empty list."""
    if input.pictures is UNSET:
        return None
    return picture_drafts(ProductPictures, "pictures", input.pictures or [])


def variant_drafts(given: Sequence[VariantInput] | None) -> list[VariantDraft]:
    """Return the variants of a new product."""
    values = [_variant(one, ["variants", str(place)]) for place, one in enumerate(given or [])]
    return parse(VariantDrafts, variants=values).variants


def variant_draft(given: VariantInput) -> VariantDraft:
    """Return the variant to add, whose errors have paths in the field `variant`."""
    try:
        return parse(VariantDraft, **_variant(given, []))
    except InvalidInput as refusal:
        for one in (refusal, *refusal.further):
            one.field = ["variant", *(one.field or [])]
        raise


def variant_patch(input: UpdateVariantInput) -> VariantPatch:
    """Return the values that the input sets, and the names of those that are null."""
    names = [name for name in vars(input) if name != "variant_id"]
    given = {name: getattr(input, name) for name in names}
    reset = {name for name, value in given.items() if value is None}
    known = {name: value for name, value in given.items() if value not in (None, UNSET)}
    for name in ("price", "compare_at"):
        if name in known:
            known[name] = vars(known[name])
    if "options" in known:
        known["options"] = _chosen(known["options"], ["options"])
    return parse(VariantPatch, **known, reset=reset)


def _variant(given: VariantInput, path: list[str]) -> dict[str, Any]:
    values = {name: value for name, value in vars(given).items() if value is not None}
    values["price"] = vars(given.price)
    if given.compare_at is not None:
        values["compare_at"] = vars(given.compare_at)
    return values | {"options": _chosen(given.options, [*path, "options"])}


def _chosen(given: Sequence[ChosenValueInput], path: list[str]) -> dict[str, str]:
    """Return the keys of the values by those of their options."""
    chosen = {one.option: one.value for one in given}
    if len(chosen) != len(given):
        raise InvalidInput("Choose one value of each option of the product.", field=path)
    return chosen


def _options(given: Sequence[OptionInput]) -> list[dict[str, Any]]:
    return [
        {
            "key": option.key,
            "name": by_locale("options", str(place), "name", texts=option.name),
            "values": [
                {
                    "key": value.key,
                    "name": by_locale(
                        "options", str(place), "values", str(at), "name", texts=value.name
                    ),
                }
                for at, value in enumerate(option.values)
            ],
        }
        for place, option in enumerate(given)
    ]


def _text_lists(
    title: Texts | None, description: Texts | None, options: Sequence[OptionInput] | None
) -> TextLists:
    """Return the lists of texts in the input, by their paths."""
    lists: TextLists = {("title",): title, ("description",): description}
    for place, option in enumerate(options or []):
        path = ("options", str(place))
        lists[*path, "name"] = option.name
        for at, value in enumerate(option.values):
            lists[*path, "values", str(at), "name"] = value.name
    return lists
