"""Problems of carts and checkouts."""

from uuid import UUID

import strawberry
from strawberry import relay

from engine.context import Info
from engine.types import column, field
from models import checkouts as rows
from schema.checkouts.enums import ProblemCode
from services.i18n import translate

Root = strawberry.Parent[rows.CheckoutProblem]


@strawberry.type(
    description="Why a cart or a checkout cannot be ordered as it is. `placeOrder` refuses the same"
    " problems, with the same codes."
)
class CheckoutProblem:
    code: ProblemCode = column("The kind of problem.")
    available: int | None = column("The units in stock, if they do not suffice.")
    most: int | None = column("The units that one order can take, if there are more.")

    @field(
        "The problem for the user, in the first supported language of `Accept-Language`.",
        needs=("code", "ref_id", "available", "most", "reason", "balance", "currency"),
    )
    def message(root: Root, info: Info) -> str:
        return translate(root.refusal, info.context.locales)

    @field(
        "The id of the variant that it is about. Null for problems of something else.",
        needs=("ref_id",),
    )
    def variant_id(root: Root) -> relay.GlobalID | None:
        return _id("Variant", root.ref_id)

    @field(
        "The id of the vendor that it is about. Null for problems of something else.",
        needs=("vendor_id",),
    )
    def vendor_id(root: Root) -> relay.GlobalID | None:
        return _id("Vendor", root.vendor_id)

    @field(
        "The id of the promo code that it is about. Null for problems of something else.",
        needs=("promo_code_id",),
    )
    def promo_code_id(root: Root) -> relay.GlobalID | None:
        return _id("PromoCode", root.promo_code_id)

    @field(
        "The id of the hold of tickets that it is about. Null for problems of something else.",
        needs=("hold_id",),
    )
    def hold_id(root: Root) -> relay.GlobalID | None:
        return _id("TicketHold", root.hold_id)

    @field(
        "The id of the booking that it is about. Null for problems of something else.",
        needs=("booking_id",),
    )
    def booking_id(root: Root) -> relay.GlobalID | None:
        return _id("Booking", root.booking_id)


def _id(type_name: str, id: UUID | None) -> relay.GlobalID | None:
    return None if id is None else relay.GlobalID(type_name, str(id))
