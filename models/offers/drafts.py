"""Validated input of offers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AliasPath, AwareDatetime, BaseModel, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel

from models.base import MAX_LOCALES, LocaleTag, PinCode
from models.errors import NULL_REFUSED, InvalidInput, InvalidValue
from models.offers.offers import DiscountKind, OfferText, OfferTitle

OfferTitles = Annotated[dict[LocaleTag, OfferTitle], Range(min_length=1, max_length=MAX_LOCALES)]
OfferTexts = Annotated[dict[LocaleTag, OfferText], Range(max_length=MAX_LOCALES)]


REQUIRED = frozenset({"title", "discount", "starts_at", "ends_at"})


def nested_field(*path: str) -> Any:
    """Return a nested field of the input; its errors have this path."""
    return Range(default=None, validation_alias=AliasPath(*path))


class DiscountDraft(BaseModel, populate_by_name=True):
    """One of four kinds of discount. `amount_minor` is in minor units of the vendor's currency."""

    percent: Annotated[int, Range(ge=1, le=100)] | None = None
    amount_minor: Annotated[int, Range(ge=1, le=10**12)] | None = nested_field(
        "amount", "amount_minor"
    )
    currency: str | None = nested_field("amount", "currency")
    buy: Annotated[int, Range(ge=1, le=100)] | None = nested_field("buy_get", "buy")
    get: Annotated[int, Range(ge=1, le=100)] | None = nested_field("buy_get", "get")
    free_item: OfferTitles | None = None

    @property
    def discount_kind(self) -> DiscountKind:
        if self.percent is not None:
            return DiscountKind.PERCENT
        if self.amount_minor is not None:
            return DiscountKind.AMOUNT
        return DiscountKind.BUY_GET if self.buy is not None else DiscountKind.FREE_ITEM


class OfferPatch(BaseModel):
    """Values of an offer that a request sets, each within its range. Others are unset.

    `reset` names the values to reset to their defaults.
    """

    reset: frozenset[str] = frozenset()
    category_id: UUID | None = None
    title: OfferTitles | None = None
    description: OfferTexts | None = None
    terms: OfferTexts | None = None
    discount: DiscountDraft | None = None
    capacity: Annotated[int, Range(ge=1, le=1_000_000)] | None = None
    per_user_limit: Annotated[int, Range(ge=1, le=20)] | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    pin_codes: Annotated[list[PinCode], Range(max_length=100)] | None = None
    latitude: Annotated[float, Range(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Range(ge=-180, le=180)] | None = None

    @model_validator(mode="after")
    def ensure_required_values_are_kept(self) -> Self:
        if fixed := sorted(self.reset & REQUIRED):
            raise InvalidInput(NULL_REFUSED, field=[to_camel(fixed[0])])
        return self

    def values(self, defaults: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values to set: the given ones, and the defaults of those to reset."""
        given = self.model_dump(exclude_unset=True, exclude={"reset", "category_id"})
        return {name: defaults[name] for name in self.reset if name in defaults} | given


class OfferDraft(BaseModel):
    """All fields that a vendor can set. A `capacity` of None is unlimited."""

    title: OfferTitles
    description: OfferTexts = {}
    terms: OfferTexts = {}
    discount: DiscountDraft
    capacity: Annotated[int, Range(ge=1, le=1_000_000)] | None = None
    per_user_limit: Annotated[int, Range(ge=1, le=20)] = 1
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    pin_codes: Annotated[list[PinCode], Range(max_length=100)] = []
    latitude: Annotated[float, Range(ge=-90, le=90)]
    longitude: Annotated[float, Range(ge=-180, le=180)]

    @model_validator(mode="after")
    def ensure_window(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise InvalidValue("An offer must end after it starts.")
        if self.ends_at > datetime.fromisoformat("2100-01-01T00:00:00Z"):
            raise InvalidValue("An offer must end before the year 2100.")
        return self

    def columns(self) -> dict[str, Any]:
        values = self.model_dump(exclude={"discount"})
        discount = self.discount.model_dump(exclude={"currency"})
        discount["discount_kind"] = self.discount.discount_kind
        return values | discount | {"pin_codes": sorted(set(self.pin_codes))}


# The columns of an offer that its duplicates have too.
COPIED = {
    *OfferDraft.model_fields,
    *DiscountDraft.model_fields,
    "vendor_id", "category_id", "locale", "discount_kind", "country", "search_text",
} - {"discount"}  # fmt: skip
