"""Root fields of checkouts."""

from typing import Annotated
from uuid import UUID

import strawberry

from core.errors import BadInput
from dataloaders.checkouts import visible_checkout
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from engine.scalars import BigInt
from engine.types import field
from models import checkouts as rows
from models.catalog.variants import MAX_PRICE
from models.errors import InvalidInput, NotFound
from models.promos.codes import PromoNotValid, PromoUsedUp, PromoUseLimitReached
from models.taxes.numbers import TaxIdInvalid
from schema.checkouts.inputs import (
    CheckoutId,
    CodeText,
    CreateCheckoutInput,
    SetCheckoutAddressInput,
)
from schema.checkouts.types import Checkout
from services.checkouts import choices, creation

OfVendor = Annotated[UUID, id_of("Vendor", "The vendor of the group.")]
RateId = Annotated[UUID, id_of("ShippingRate", "The rate of one of its `deliveries`.")]
OfCode = Annotated[UUID, id_of("PromoCode", "The code's id, from `codes`.")]
Amount = Annotated[
    BigInt,
    strawberry.argument(
        description="The amount in minor units of the checkout's currency. More than the total is"
        " all of it, and 0 is nothing."
    ),
]
CheckoutNodeId = Annotated[UUID, id_of("Checkout")]
REFUSALS = (NotFound, rows.CheckoutExpired)
CHOICE = "sets a choice"


@strawberry.type
class CheckoutQuery:
    @field("Returns a checkout of the viewer, with its price of now. Null if there is none.")
    async def checkout(self, info: Info, id: CheckoutNodeId) -> Checkout | None:
        info.context.viewer.require_user()
        return Checkout.wrap_optional(await info.context.loaders[visible_checkout].load(id))


@strawberry.type
class CheckoutMutation:
    @mutation(
        checkout=Checkout,
        personal=True,
        raises=(InvalidInput, NotFound, rows.CheckoutEmpty),
        repeatable="a cart has one open checkout in a currency",
    )
    async def create_checkout(self, info: Info, input: CreateCheckoutInput) -> rows.Checkout:
        """Start to order what the cart has in one currency, or return the open checkout of it. It
        reserves nothing.
        """
        async with info.context.transaction() as session:
            return await creation.create_checkout(
                session,
                info.context.viewer,
                cart_id=input.cart_id,
                currency=input.currency,
                items=input.items(),
            )

    @mutation(
        checkout=Checkout,
        personal=True,
        raises=(InvalidInput, *REFUSALS, rows.AddressMissing, TaxIdInvalid),
        repeatable=CHOICE,
    )
    async def set_checkout_address(
        self, info: Info, input: SetCheckoutAddressInput
    ) -> rows.Checkout:
        """Set where a checkout is delivered and billed. It is checked by the rules of its country,
        and copied: later changes of the address book do not change it.
        """
        addresses = input.addresses()
        async with info.context.transaction() as session:
            return await choices.set_checkout_address(
                session,
                info.context.viewer,
                info.context.sealer,
                checkout_id=input.checkout_id,
                addresses=addresses,
                tax_ids=input.tax_ids(),
            )

    @mutation(
        checkout=Checkout,
        personal=True,
        raises=(*REFUSALS, rows.AddressMissing, rows.NoDelivery),
        repeatable=CHOICE,
    )
    async def choose_delivery(
        self, info: Info, checkout_id: CheckoutId, vendor_id: OfVendor, rate_id: RateId
    ) -> rows.Checkout:
        """Choose the delivery of one vendor's part, in place of the one that was chosen."""
        async with info.context.transaction() as session:
            return await choices.choose_delivery(
                session,
                info.context.viewer,
                info.context.sealer,
                checkout_id=checkout_id,
                vendor_id=vendor_id,
                rate_id=rate_id,
            )

    @mutation(
        checkout=Checkout,
        personal=True,
        raises=(
            *REFUSALS,
            PromoNotValid,
            PromoUsedUp,
            PromoUseLimitReached,
            rows.PromoNotApplicable,
            rows.CheckoutCodeLimitReached,
        ),
        repeatable="a code is entered once",
    )
    async def apply_promo_code(
        self, info: Info, checkout_id: CheckoutId, code: CodeText
    ) -> rows.Checkout:
        """Enter a promo code. A use of it is taken when the order is placed."""
        async with info.context.transaction() as session:
            return await choices.apply_promo_code(
                session,
                info.context.viewer,
                info.context.sealer,
                checkout_id=checkout_id,
                code=code,
            )

    @mutation(checkout=Checkout, personal=True, raises=REFUSALS, repeatable="removes what is there")
    async def remove_promo_code(
        self, info: Info, checkout_id: CheckoutId, promo_code_id: OfCode
    ) -> rows.Checkout:
        """Remove a promo code that was entered."""
        async with info.context.transaction() as session:
            return await choices.remove_promo_code(
                session,
                info.context.viewer,
                checkout_id=checkout_id,
                promo_code_id=promo_code_id,
            )

    @mutation(checkout=Checkout, personal=True, raises=REFUSALS, repeatable="sets an amount")
    async def use_wallet(
        self, info: Info, checkout_id: CheckoutId, amount_minor: Amount
    ) -> rows.Checkout:
        """Set what is taken from the viewer's wallet when the order is placed. An amount that the
        wallet does not have is among the problems.
        """
        if not 0 <= amount_minor <= MAX_PRICE:
            raise BadInput("Enter an amount that is not negative.")
        async with info.context.transaction() as session:
            return await choices.use_wallet(
                session, info.context.viewer, checkout_id=checkout_id, amount=amount_minor
            )

    @mutation(
        checkout=Checkout, personal=True, raises=REFUSALS, repeatable="refuses one that has ended"
    )
    async def discard_checkout(self, info: Info, checkout_id: CheckoutId) -> rows.Checkout:
        """End a checkout without an order. The cart stays as it is."""
        async with info.context.transaction() as session:
            return await creation.discard_checkout(
                session, info.context.viewer, checkout_id=checkout_id
            )
