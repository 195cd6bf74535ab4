"""What mutations of offers take and answer."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import UNSET, relay

from engine.errors import Payload
from engine.scalars import BigInt, CurrencyCode
from engine.types import column
from models.errors import InvalidInput
from models.offers.drafts import OfferDraft
from schema.offers.steps import ChangedOffer
from schema.redemptions.types import Voucher

MOST_LOCALES = 20


@strawberry.input(description="Text in one language.")
class LocalizedTextInput:
    """Of one entry for each language."""

    locale: str = column("A language tag such as en or pt-BR (BCP 47).")
    text: str = column("The text in that language.")


@strawberry.input(description="An amount of money.")
class MoneyInput:
    """In minor units."""

    amount_minor: BigInt = column("In the smallest unit of the currency, such as paise.")
    currency: CurrencyCode = column("Must be the vendor's currency.")


@strawberry.input(description="More for the price of less.")
class BuyGetInput:
    """Both from 1 to 100."""

    buy: int = column("How many are paid for, from 1 to 100.")
    get: int = column("How many come on top, from 1 to 100.")


@strawberry.input(one_of=True, description="What a voucher is worth: exactly one of these.")
class DiscountInput:
    """One of four kinds."""

    percent: int | None = strawberry.field(default=UNSET, description="From 1 to 100 percent less.")
    amount: MoneyInput | None = strawberry.field(default=UNSET, description="So much money less.")
    buy_get: BuyGetInput | None = strawberry.field(
        default=UNSET, description="More for the price of less."
    )
    free_item: list[LocalizedTextInput] | None = strawberry.field(
        default=UNSET, description="Something free with a purchase, in each language."
    )

    def given(self) -> dict[str, Any]:
        if self.percent is not UNSET:
            return {"percent": self.percent}
        if self.amount:
            return {"amount": vars(self.amount)}
        if self.buy_get:
            return {"buy_get": vars(self.buy_get)}
        return {"free_item": by_locale("discount", "freeItem", texts=self.free_item or [])}


Texts = list[LocalizedTextInput]


@strawberry.input(description="A new offer, which starts as a draft.")
class CreateOfferInput:
    """Where it doesn't say, the vendor's own category, place and language hold."""

    vendor_id: relay.GlobalID = column("Whose offer it is.")
    title: Texts = column("What it is called, in each language; 3 to 120 characters.")
    discount: DiscountInput = column("What a voucher of it is worth.")
    starts_at: datetime = column("When it can be claimed and redeemed from.")
    ends_at: datetime = column("When it is over; after it starts.")
    description: Texts | None = strawberry.field(
        default=UNSET, description="More about it, at most 4,000 characters."
    )
    terms: Texts | None = strawberry.field(
        default=UNSET, description="What it is bound to, at most 4,000 characters."
    )
    category_id: relay.GlobalID | None = strawberry.field(
        default=UNSET, description="Its branch; absent: the vendor's."
    )
    capacity: int | None = strawberry.field(
        default=UNSET, description="How many may claim it, up to 1,000,000; null is no limit."
    )
    per_user_limit: int | None = strawberry.field(
        default=UNSET, description="How often one person may claim it, 1 to 20; absent: once."
    )
    pin_codes: list[str] | None = strawberry.field(
        default=UNSET, description="The postal codes it serves, at most 100; absent: the vendor's."
    )
    latitude: float | None = strawberry.field(
        default=UNSET, description="Where it is to be had; absent: the vendor's place."
    )
    longitude: float | None = strawberry.field(
        default=UNSET, description="Where it is to be had; absent: the vendor's place."
    )


@strawberry.input(description="What to change of an offer; what is absent or null stays.")
class UpdateOfferInput:
    """As `CreateOfferInput`, all of it optional."""

    offer_id: relay.GlobalID = column("Which offer.")
    title: Texts | None = strawberry.field(default=UNSET, description="All of its titles anew.")
    discount: DiscountInput | None = strawberry.field(default=UNSET, description="Another worth.")
    starts_at: datetime | None = strawberry.field(default=UNSET, description="Another start.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="Another end.")
    description: Texts | None = strawberry.field(
        default=UNSET, description="All descriptions anew."
    )
    terms: Texts | None = strawberry.field(default=UNSET, description="All terms anew.")
    category_id: relay.GlobalID | None = strawberry.field(
        default=UNSET, description="Another branch."
    )
    capacity: int | None = strawberry.field(
        default=UNSET, description="At least what has been claimed; null is no limit."
    )
    per_user_limit: int | None = strawberry.field(default=UNSET, description="From 1 to 20.")
    pin_codes: list[str] | None = strawberry.field(default=UNSET, description="All codes anew.")
    latitude: float | None = strawberry.field(default=UNSET, description="Another place.")
    longitude: float | None = strawberry.field(default=UNSET, description="Another place.")


@strawberry.input(description="Which offer to claim.")
class ClaimOfferInput:
    """What `claimOffer` takes."""

    offer_id: relay.GlobalID = column("Which offer.")
    idempotency_key: str = column(
        "Yours, new for each claim and the same when it is repeated; at most 100 characters."
    )


@strawberry.type(description="The new draft.")
class CreateOfferPayload(ChangedOffer):
    """What `createOffer` answers."""


@strawberry.type(description="The offer with its changes.")
class UpdateOfferPayload(ChangedOffer):
    """What `updateOffer` answers."""


@strawberry.type(description="The voucher that the claim gave.")
class ClaimOfferPayload(Payload):
    """What `claimOffer` answers."""

    voucher: Voucher | None = strawberry.field(default=None, description="The new voucher.")


def by_locale(*field: str, texts: Texts) -> dict[str, str]:
    """The texts by language. Two of one language are refused, and more than there is room for."""
    languages = {entry.locale.lower() for entry in texts[: MOST_LOCALES + 1]}
    if len(languages) != len(texts):
        raise InvalidInput(
            "Pass one text per language and at most {most} texts.",
            most=MOST_LOCALES,
            field=list(field),
        )
    return {entry.locale: entry.text for entry in texts}


def given(input: CreateOfferInput | UpdateOfferInput) -> dict[str, Any]:
    """What the caller said, by name of `OfferDraft`. Null says nothing, except of `capacity`."""
    values = {name: getattr(input, name) for name in OfferDraft.model_fields}
    said = {name: value for name, value in values.items() if value not in (None, UNSET)}
    for name in ("title", "description", "terms"):
        if name in said:
            said[name] = by_locale(name, texts=said[name])
    if "discount" in said:
        said["discount"] = said["discount"].given()
    if input.capacity is None:
        said["capacity"] = None
    return said
