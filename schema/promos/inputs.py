"""Inputs of promo codes."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET, relay

from engine.ids import ID_OF, id_field
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, optional
from models.promos.codes import MAX_CAPACITY, MAX_IN_SCOPE, MAX_PER_USER
from models.promos.drafts import PromoCodeDraft, PromoCodePatch
from models.validation import parse
from schema.promos.enums import PromoCodeState
from services.promos.access import PromoCodeFilter

CAPACITY = f"The number of orders that can use it, at most {MAX_CAPACITY:,}. Null is unlimited."
PER_USER = f"The number of orders of one user that can use it, from 1 to {MAX_PER_USER}."
MINIMUM = "The least value of the goods that it is for, in minor units, before discounts."


def _ids(of: str, description: str) -> Any:
    return strawberry.field(
        default=None,
        description=description,
        graphql_type=list[relay.GlobalID] | None,
        metadata={ID_OF: of},
    )


@strawberry.input(one_of=True, description="The discount of a promo code: exactly one kind.")
class PromoDiscountInput:
    percent_bps: int | None = optional(
        "A percentage in basis points, from 1 to 10,000: 250 is 2.5 %.", UNSET
    )
    amount_minor: BigInt | None = optional("An amount in minor units of `currency`.", UNSET)
    free_delivery: bool | None = optional("The price of the delivery. Either value.", UNSET)

    def given(self) -> dict[str, Any]:
        return {
            name: value
            for name in ("percent_bps", "amount_minor")
            if (value := getattr(self, name)) is not UNSET
        }


@strawberry.input(description="A new promo code. Its discount and its scope never change.")
class CreatePromoCodeInput:
    code: str = column(
        "The code that buyers enter, in any case: 3 to 32 letters of English, digits and hyphens."
        " Unique among the active codes of the vendor, or of the platform."
    )
    discount: PromoDiscountInput = column("The discount.")
    currency: CurrencyCode = column("The currency of the orders that it is for: the vendor's.")
    idempotency_key: str = column(
        "A unique key of at most 100 characters. A retry with the same key and input returns the"
        " first request's code."
    )
    vendor_id: UUID | None = id_field(
        "Vendor",
        "The vendor whose goods it is for, and which pays for it. Without one, it is a code of the"
        " platform, which only admins can create.",
        default=None,
    )
    minimum_minor: BigInt = optional(MINIMUM + " Defaults to 0.", 0)
    max_discount_minor: BigInt | None = optional(
        "The highest discount in minor units, of a percentage or a free delivery.", None
    )
    capacity: int | None = optional(CAPACITY, None)
    per_user: int = optional(PER_USER + " Defaults to 1.", 1)
    combines: bool = optional(
        "Whether an order can have other codes beside it: one of each vendor's, and one of the"
        " platform's.",
        False,
    )
    category_ids: list[UUID] | None = _ids(
        "Category",
        f"The categories whose goods it is for, at most {MAX_IN_SCOPE}. Defaults to all goods.",
    )
    vendor_ids: list[UUID] | None = _ids(
        "Vendor",
        f"The vendors whose goods a code of the platform is for, at most {MAX_IN_SCOPE}. Defaults"
        " to all vendors.",
    )
    valid_from: datetime | None = optional(
        "The time from which it is valid. Defaults to the current time.", None
    )
    valid_until: datetime | None = optional(
        "The time at which it is no longer valid. Null is never.", None
    )

    def draft(self) -> PromoCodeDraft:
        return parse(
            PromoCodeDraft,
            code=self.code,
            discount=self.discount.given(),
            minimum_minor=self.minimum_minor,
            max_discount_minor=self.max_discount_minor,
            capacity=self.capacity,
            per_user=self.per_user,
            combines=self.combines,
            category_ids=self.category_ids or [],
            vendor_ids=self.vendor_ids or [],
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


@strawberry.input(
    description="Changes to a promo code. Omitted fields stay unchanged. Null resets a field to its"
    " default in `CreatePromoCodeInput`. Orders that were placed with it keep their discount."
)
class UpdatePromoCodeInput:
    promo_code_id: UUID = id_field("PromoCode", "The promo code's id.")
    capacity: int | None = optional(CAPACITY + " At least the number of uses.", UNSET)
    per_user: int | None = optional(PER_USER, UNSET)
    combines: bool | None = optional("Whether an order can have other codes beside it.", UNSET)
    minimum_minor: BigInt | None = optional(MINIMUM, UNSET)
    valid_from: datetime | None = optional("The new start.", UNSET)
    valid_until: datetime | None = optional("The new end. Null is never.", UNSET)

    def patch(self) -> PromoCodePatch:
        values = {name: getattr(self, name) for name in PromoCodePatch.model_fields}
        known = {name: value for name, value in values.items() if value is not UNSET}
        return parse(PromoCodePatch, **known)


@strawberry.input(description="Conditions of a list of promo codes. All of them must hold.")
class PromoCodeWhere:
    vendor_id: UUID | None = id_field("Vendor", "Of this vendor.", default=None)
    state: PromoCodeState | None = optional("In this state.", None)
    code: str | None = optional("With this code, in any case.", None)


def promo_code_filter(where: PromoCodeWhere | None) -> PromoCodeFilter:
    return PromoCodeFilter(**vars(where)) if where else PromoCodeFilter()
