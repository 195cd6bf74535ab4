"""Validated input of products and variants."""

from collections.abc import Mapping
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AliasPath, BaseModel, StringConstraints, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel

from core.text.slugs import SLUG_PATTERN
from models.base import MAX_LOCALES, LocaleTag
from models.catalog.products import (
    MAX_OPTION_VALUES,
    MAX_OPTIONS,
    ProductKind,
    ProductText,
    ProductTitle,
    TaxClass,
)
from models.catalog.variants import MAX_PER_ORDER, MAX_PRICE, MAX_VARIANTS, MAX_WEIGHT_G, Sku
from models.errors import NULL_REFUSED, InvalidInput, InvalidValue
from models.slugs import Slug
from models.text import OneLine

MAX_KEY_LENGTH = 30
ChoiceKey = Annotated[
    str, StringConstraints(max_length=MAX_KEY_LENGTH, pattern=f"^{SLUG_PATTERN}$")
]
ChoiceName = Annotated[str, OneLine(60)]
ChoiceNames = Annotated[dict[LocaleTag, ChoiceName], Range(min_length=1, max_length=MAX_LOCALES)]
ProductTitles = Annotated[
    dict[LocaleTag, ProductTitle], Range(min_length=1, max_length=MAX_LOCALES)
]
ProductTexts = Annotated[dict[LocaleTag, ProductText], Range(max_length=MAX_LOCALES)]
HsnCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,8}$")]


class ValueDraft(BaseModel, frozen=True):
    key: ChoiceKey
    name: ChoiceNames


class OptionDraft(BaseModel, frozen=True):
    """An option, such as the size, with its values."""

    key: ChoiceKey
    name: ChoiceNames
    values: Annotated[list[ValueDraft], Range(min_length=1, max_length=MAX_OPTION_VALUES)]

    @model_validator(mode="after")
    def ensure_different_values(self) -> Self:
        if len({one.key for one in self.values}) != len(self.values):
            raise InvalidValue("Each value of an option must have a key of its own.")
        return self


class ProductDraft(BaseModel, frozen=True):
    """All that a vendor can set of a product, but for its category, its slug and its pictures."""

    kind: ProductKind = ProductKind.PHYSICAL
    title: ProductTitles
    description: ProductTexts = {}
    options: Annotated[list[OptionDraft], Range(max_length=MAX_OPTIONS)] = []
    tax_class: TaxClass = TaxClass.STANDARD
    hsn_code: HsnCode | None = None

    @model_validator(mode="after")
    def ensure_different_options(self) -> Self:
        if len({one.key for one in self.options}) != len(self.options):
            raise InvalidValue("Each option must have a key of its own.")
        return self


class ProductPatch(BaseModel, frozen=True):
    """Values of a product that a request sets. Others are unset; null resets to the default."""

    title: ProductTitles | None = None
    description: ProductTexts | None = None
    options: Annotated[list[OptionDraft], Range(max_length=MAX_OPTIONS)] | None = None
    tax_class: TaxClass | None = None
    hsn_code: HsnCode | None = None
    category_id: UUID | None = None
    slug: Slug | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("title", "slug"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def values(self) -> dict[str, Any]:
        """Return the values to set, and the defaults of those to reset."""
        given = self.model_dump(exclude_unset=True, exclude={"category_id", "slug"})
        defaults: Mapping[str, Any] = {
            "description": {},
            "options": [],
            "tax_class": TaxClass.STANDARD,
        }
        return {
            name: defaults.get(name) if value is None else value for name, value in given.items()
        }


def amount(name: str, **options: Any) -> Any:
    """Return the amount of a `MoneyInput` of the input, whose errors have its path."""
    return Range(validation_alias=AliasPath(name, "amount_minor"), **options)


Price = Annotated[int, Range(ge=0, le=MAX_PRICE)]


class PriceCurrencies(BaseModel, frozen=True, populate_by_name=True):
    """The currencies of the prices in an input, which must be the vendor's."""

    price_currency: str | None = Range(
        default=None, validation_alias=AliasPath("price", "currency")
    )
    compare_at_currency: str | None = Range(
        default=None, validation_alias=AliasPath("compare_at", "currency")
    )

    def ensure_currency(self, currency: str, field: list[str]) -> None:
        for name in ("price", "compare_at"):
            if getattr(self, f"{name}_currency") not in {None, currency}:
                raise InvalidInput(
                    "The vendor's currency is {currency}. Use it for this amount.",
                    currency=currency,
                    field=[*field, to_camel(name), "currency"],
                )


class VariantValues(BaseModel, frozen=True):
    """The columns of a variant that a vendor sets."""

    sku: Sku
    options: Annotated[dict[ChoiceKey, ChoiceKey], Range(max_length=MAX_OPTIONS)] = {}
    price: Price
    compare_at: Price | None = None
    weight_g: Annotated[int, Range(ge=0, le=MAX_WEIGHT_G)] | None = None
    tracks_stock: bool = True
    per_order_max: Annotated[int, Range(ge=1, le=MAX_PER_ORDER)] | None = None

    @model_validator(mode="after")
    def ensure_higher_price(self) -> Self:
        if self.compare_at is not None and self.compare_at <= self.price:
            raise InvalidInput(
                "The price to compare with must be higher than the price.", field=["compareAt"]
            )
        return self


class VariantDraft(PriceCurrencies, VariantValues, frozen=True, populate_by_name=True):
    """Validated input of a new variant. `on_hand` is its first stock."""

    price: Price = amount("price")
    compare_at: Price | None = amount("compare_at", default=None)
    on_hand: Annotated[int, Range(ge=0, le=1_000_000)] = 0

    def columns(self) -> dict[str, Any]:
        return self.model_dump(include=set(VariantValues.model_fields))


class VariantPatch(PriceCurrencies, frozen=True, populate_by_name=True):
    """Values of a variant that a request sets. Others are unset; null resets to the default."""

    sku: Sku | None = None
    options: Annotated[dict[ChoiceKey, ChoiceKey], Range(max_length=MAX_OPTIONS)] | None = None
    price: Price | None = amount("price", default=None)
    compare_at: Price | None = amount("compare_at", default=None)
    weight_g: Annotated[int, Range(ge=0, le=MAX_WEIGHT_G)] | None = None
    tracks_stock: bool | None = None
    per_order_max: Annotated[int, Range(ge=1, le=MAX_PER_ORDER)] | None = None
    reset: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        for name in ("sku", "options", "price"):
            if name in self.reset:
                raise InvalidInput(NULL_REFUSED, field=[name])
        return self

    def values(self) -> dict[str, Any]:
        """Return the values to set, and the defaults of those to reset."""
        names = set(VariantValues.model_fields)
        defaults = {"tracks_stock": True}
        cleared = {name: defaults.get(name) for name in self.reset & names}
        return cleared | self.model_dump(exclude_unset=True, include=names)


class VariantDrafts(BaseModel, frozen=True):
    """The variants of a new product."""

    variants: Annotated[list[VariantDraft], Range(max_length=MAX_VARIANTS)] = []
