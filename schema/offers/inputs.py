"""Inputs of offer queries and mutations."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of
from engine.scalars import CountryCode
from engine.types import column
from models.offers.drafts import OfferPatch
from models.pictures import MAX_OFFER_PICTURES, OfferPictures, PictureDraft
from schema.money import MoneyInput
from schema.offers.enums import DiscountKind, OfferState
from schema.pictures.inputs import PictureInput, picture_drafts
from schema.texts import LocalizedTextInput, TextLists, Texts, by_locale, parse_texts

OfferId = Annotated[UUID, id_of("Offer", "The offer's id.")]


@strawberry.input(description="Conditions of a list of offers. All of them must hold.")
class OfferWhere:
    vendor_id: UUID | None = id_field("Vendor", "Of this vendor.", default=None)
    category_id: UUID | None = id_field(
        "Category", "In this category or one of its descendants.", default=None
    )
    city_id: UUID | None = id_field("City", "Of vendors in this city.", default=None)
    country: CountryCode | None = strawberry.field(default=None, description="In this country.")
    pin_code: str | None = strawberry.field(
        default=None, description="Serving this postal code, in any spelling."
    )
    discount_kinds: list[DiscountKind] | None = strawberry.field(
        default=None, description="With a discount of one of these kinds."
    )
    discount_at_least: int | None = strawberry.field(
        default=None, description="With a discount of at least so many percent, from 1 to 100."
    )
    ending_within_hours: int | None = strawberry.field(
        default=None, description="Ending within so many hours, from 1 to 8,760."
    )
    open_now: bool = strawberry.field(
        default=False, description="Of vendors that are open now, by their opening hours."
    )
    liked_by_me: bool = strawberry.field(default=False, description="Liked by the viewer.")
    states: list[OfferState] | None = strawberry.field(
        default=None,
        description="In one of these states. Defaults to live offers, also those that start later."
        " Offers that aren't live are found only at the viewer's own vendors.",
    )


@strawberry.input(description="A circle around a place.")
class NearInput:
    latitude: float = column("The latitude in degrees, within ±90.")
    longitude: float = column("The longitude in degrees, within ±180.")
    within_km: float = strawberry.field(
        default=50, description="The radius in kilometers, at most 500."
    )


@strawberry.input(description="A discount on several items: pay for some, get more.")
class BuyGetInput:
    buy: int = column("The number of items to pay for, from 1 to 100.")
    get: int = column("The number of additional, free items, from 1 to 100.")


@strawberry.input(one_of=True, description="The discount that a voucher gives: exactly one kind.")
class DiscountInput:
    percent: int | None = strawberry.field(
        default=UNSET, description="A percentage, from 1 to 100."
    )
    amount: MoneyInput | None = strawberry.field(default=UNSET, description="An amount.")
    buy_get: BuyGetInput | None = strawberry.field(
        default=UNSET, description="Additional items for free."
    )
    free_item: list[LocalizedTextInput] | None = strawberry.field(
        default=UNSET, description="A free item with a purchase, in each language."
    )

    def given(self) -> dict[str, Any]:
        if self.percent is not UNSET:
            return {"percent": self.percent}
        if self.amount:
            return {"amount": vars(self.amount)}
        if self.buy_get:
            return {"buy_get": vars(self.buy_get)}
        return {"free_item": by_locale("discount", "freeItem", texts=self.free_item or [])}


LOCALIZED = ("title", "description", "terms")


@strawberry.input(description="A new offer, created as a DRAFT.")
class CreateOfferInput:
    vendor_id: UUID = id_field("Vendor", "The vendor's id.")
    title: Texts = column("The title in each language, 3 to 120 characters.")
    discount: DiscountInput = column("The discount that a voucher gives.")
    starts_at: datetime = column("The time from which it can be claimed and redeemed.")
    ends_at: datetime = column("The time at which the offer ends, after its start.")
    description: Texts | None = strawberry.field(
        default=UNSET, description="The description in each language, at most 4,000 characters."
    )
    terms: Texts | None = strawberry.field(
        default=UNSET,
        description="The terms and conditions in each language, at most 4,000 characters.",
    )
    category_id: UUID | None = id_field(
        "Category", "The category's id. Defaults to the vendor's category.", default=UNSET
    )
    capacity: int | None = strawberry.field(
        default=UNSET,
        description="The number of vouchers that can be claimed, at most 1,000,000. Null is"
        " unlimited.",
    )
    per_user_limit: int | None = strawberry.field(
        default=UNSET,
        description="The number of vouchers that one user can claim, from 1 to 20. Defaults to 1.",
    )
    pin_codes: list[str] | None = strawberry.field(
        default=UNSET,
        description="The postal codes that it serves, at most 100. Defaults to the vendor's.",
    )
    latitude: float | None = strawberry.field(
        default=UNSET, description="The latitude in degrees. Defaults to the vendor's."
    )
    longitude: float | None = strawberry.field(
        default=UNSET, description="The longitude in degrees. Defaults to the vendor's."
    )
    pictures: list[PictureInput] | None = strawberry.field(
        default=UNSET, description=f"The pictures in their order, at most {MAX_OFFER_PICTURES}."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A unique key of at most 100 characters. A retry with the same key and input"
        " returns the first request's offer. Without a key, a retry creates another draft.",
    )


@strawberry.input(
    description="Changes to an offer. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreateOfferInput`; a field that is required there can't be null. The limits are"
    " those of `CreateOfferInput`."
)
class UpdateOfferInput:
    offer_id: UUID = id_field("Offer", "The offer's id.")
    title: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the title in all languages."
    )
    discount: DiscountInput | None = strawberry.field(
        default=UNSET, description="Replaces the discount."
    )
    starts_at: datetime | None = strawberry.field(default=UNSET, description="The new start.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="The new end.")
    description: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the description in all languages."
    )
    terms: Texts | None = strawberry.field(
        default=UNSET, description="Replaces the terms and conditions in all languages."
    )
    category_id: UUID | None = id_field("Category", "The new category's id.", default=UNSET)
    capacity: int | None = strawberry.field(
        default=UNSET,
        description="The new capacity, at least the number of claimed vouchers. Null is unlimited.",
    )
    per_user_limit: int | None = strawberry.field(default=UNSET, description="The new limit.")
    pin_codes: list[str] | None = strawberry.field(
        default=UNSET, description="Replaces the postal codes."
    )
    latitude: float | None = strawberry.field(default=UNSET, description="The new latitude.")
    longitude: float | None = strawberry.field(default=UNSET, description="The new longitude.")
    pictures: list[PictureInput] | None = strawberry.field(
        default=UNSET,
        description="Replaces the pictures. Those that are left out are deleted.",
    )


def offer_pictures(input: CreateOfferInput | UpdateOfferInput) -> list[PictureDraft] | None:
    """Return the pictures that the input sets, or None if it sets none. Null is an empty list."""
    if input.pictures is UNSET:
        return None
    return picture_drafts(OfferPictures, "pictures", input.pictures or [])


def offer_patch(input: CreateOfferInput | UpdateOfferInput) -> OfferPatch:
    """Return the values that the input sets, and the names of those that are null."""
    values = {name: getattr(input, name) for name in OfferPatch.model_fields if name != "reset"}
    reset = {name for name, value in values.items() if value is None}
    known = {name: value for name, value in values.items() if value not in (None, UNSET)}
    for name in LOCALIZED:
        if name in known:
            known[name] = by_locale(name, texts=known[name])
    if "discount" in known:
        known["discount"] = known["discount"].given()
    lists: TextLists = {(name,): getattr(input, name) or None for name in LOCALIZED}
    lists["discount", "freeItem"] = (input.discount and input.discount.free_item) or None
    return parse_texts(OfferPatch, lists, **known, reset=reset)
