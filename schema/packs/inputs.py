"""Inputs of packs and their subscriptions."""

from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, id_of, optional_id_of
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, optional
from models.errors import NULL_REFUSED, InvalidInput
from models.packs.packs import (
    MAX_PERIOD_DAYS,
    MAX_PRICES,
    MAX_QUOTA,
    MAX_TITLE_LENGTH,
    MIN_PERIOD_DAYS,
    PackDraft,
    PackPatch,
)
from models.payments.payments import PaymentProvider as Provider
from models.payments.ways import PaymentWay
from schema.orders.enums import PaymentProvider
from schema.orders.ways import METHOD, RETURN_URL, SAVES
from schema.packs.enums import PackState, PackSubscriptionState, QuotaUnit
from schema.purchases.inputs import KEY, WAY, way_of
from schema.texts import Texts, by_locale, parse_texts
from services.packs.access import PackFilter

TITLE = f"The title in each language, 1 to {MAX_TITLE_LENGTH} characters, at most 20 languages."
PRICES = f"The prices, one for each currency, at most {MAX_PRICES}."

VendorId = Annotated[UUID, id_of("Vendor", "The vendor's id.")]
WantedVendor = Annotated[
    UUID | None, optional_id_of("Vendor", "Returns those of this vendor alone.")
]
WantedStates = Annotated[
    list[PackSubscriptionState] | None,
    strawberry.argument(description="Returns those in one of these states."),
]
Required = Annotated[
    bool | None,
    strawberry.argument(
        description="Whether the vendor needs packs to publish offers. Null is as for all vendors."
    ),
]


@strawberry.input(description="The price of a pack in one currency.")
class PackPriceInput:
    currency: CurrencyCode = column("The currency.")
    net_minor: BigInt = column("The price without tax, in minor units.")
    tax_bps: int = optional("The tax on it in basis points: 1800 is 18 %. Defaults to 0.", 0)


@strawberry.input(description="A new pack. Its units and its days never change.")
class CreatePackInput:
    title: Texts = column(TITLE)
    unit: QuotaUnit = column("The use of the units.")
    unit_count: int = column(f"The number of units, from 1 to {MAX_QUOTA:,}.")
    period_days: int = column(
        "The days after which unused units end, and after which a subscription renews: from"
        f" {MIN_PERIOD_DAYS} to {MAX_PERIOD_DAYS}."
    )
    prices: list[PackPriceInput] = column(PRICES)
    idempotency_key: str = column(KEY.format(what="pack"))

    def draft(self) -> PackDraft:
        return parse_texts(
            PackDraft,
            {("title",): self.title},
            title=by_locale("title", texts=self.title),
            unit=self.unit,
            quota=self.unit_count,
            period_days=self.period_days,
            prices=_prices(self.prices),
        )


@strawberry.input(
    description="Changes of a pack. Omitted fields stay unchanged; none can be null. Purchases and"
    " subscriptions keep their price."
)
class UpdatePackInput:
    pack_id: UUID = id_field("Pack", "The pack's id.")
    title: Texts | None = optional("Replaces the title in all languages.", UNSET)
    prices: list[PackPriceInput] | None = optional("Replaces all prices.", UNSET)

    def patch(self) -> PackPatch:
        for name in ("title", "prices"):
            if getattr(self, name) is None:
                raise InvalidInput(NULL_REFUSED, field=[name])
        given: dict[str, Any] = {}
        if isinstance(self.title, list):
            given["title"] = by_locale("title", texts=self.title)
        if isinstance(self.prices, list):
            given["prices"] = _prices(self.prices)
        return parse_texts(PackPatch, {("title",): self.title or None}, **given)


def _prices(prices: list[PackPriceInput]) -> list[dict[str, Any]]:
    return [
        {"currency": one.currency, "net": one.net_minor, "tax_bps": one.tax_bps} for one in prices
    ]


@strawberry.input(description="Conditions of a list of packs. All of them must hold.")
class PackWhere:
    unit: QuotaUnit | None = optional("With these units.")
    currency: CurrencyCode | None = optional("With a price in this currency.")
    state: PackState | None = optional("In this state: ACTIVE by default. RETIRED is for admins.")


def pack_filter(where: PackWhere | None) -> PackFilter:
    return PackFilter(**vars(where)) if where else PackFilter()


@strawberry.input(description="A pack to buy once.")
class BuyPackInput:
    vendor_id: UUID = id_field("Vendor", "The vendor that buys it.")
    pack_id: UUID = id_field("Pack", "The pack.")
    idempotency_key: str = column(KEY.format(what="purchase"))
    provider: PaymentProvider = optional(WAY + " Defaults to WALLET.", Provider.WALLET)
    return_url: str | None = optional(RETURN_URL)
    payment_method_id: UUID | None = id_field("PaymentMethod", METHOD, default=None)
    save_payment_method: bool = optional(SAVES, False)

    def way(self) -> PaymentWay:
        return way_of(self)


@strawberry.input(description="A pack to buy for each period.")
class SubscribeToPackInput:
    vendor_id: UUID = id_field("Vendor", "The vendor that buys it.")
    pack_id: UUID = id_field("Pack", "The pack.")
    idempotency_key: str = column(KEY.format(what="subscription"))
    payment_method_id: UUID | None = id_field(
        "PaymentMethod",
        "The saved method of the viewer that is charged. Defaults to the vendor's wallet.",
        default=None,
    )
