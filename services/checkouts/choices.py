"""The choices of a user in a checkout: addresses, deliveries, codes and the wallet.

Each choice is made while the checkout is locked, and lets it expire later.
"""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Sealer
from models.addresses import PostalAddress, SavedAddressDraft
from models.checkouts import (
    MAX_CODES,
    AddressMissing,
    Checkout,
    CheckoutCodeLimitReached,
    NoDelivery,
)
from models.errors import NotFound
from models.promos.codes import PromoCode
from models.validation import within
from services.addresses import access_address
from services.checkouts.access import access_checkout
from services.checkouts.quote import quote_checkout
from services.promos.uses import choose_promo_code, find_promo_codes
from services.viewer import Viewer

# An address of the viewer's book, or a new one.
AddressChoice = UUID | SavedAddressDraft | None


async def set_checkout_address(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    checkout_id: UUID,
    addresses: Mapping[str, AddressChoice],
    tax_ids: Mapping[str, str | None],
) -> Checkout:
    """Set where a checkout is delivered and billed, as far as it is given.

    Raises `InvalidInput` if an address breaks the rules of its country, `TaxIdInvalid` and
    `AddressMissing`. The deliveries stay chosen as far as they serve the new address.
    """
    checkout = await access_checkout(session, viewer, checkout_id)
    known = {column: checkout.open_address(sealer, column) for column in ("ship_to", "bill_to")}
    for column, choice in addresses.items():
        known[column] = await _copy(session, viewer, sealer, FIELDS[column], choice)
    tax_id = checkout.open_buyer_tax_id(sealer)
    if "buyer_tax_id" in tax_ids:
        tax_id = tax_ids["buyer_tax_id"]
    checkout.seal_addresses(sealer, known["ship_to"], known["bill_to"], tax_id)
    checkout.touch(now())
    return checkout


FIELDS = {"ship_to": "shipTo", "bill_to": "billTo"}


async def _copy(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, field: str, choice: AddressChoice
) -> PostalAddress | None:
    """Return a copy of an address, which later changes of the book do not change."""
    match choice:
        case UUID():
            try:
                saved = await access_address(session, viewer, choice)
            except NotFound as refusal:
                raise NotFound(field=[field, "addressId"]) from refusal
            return PostalAddress(saved.country, replace(saved.open(sealer), label=None))
        case SavedAddressDraft():
            with within(field), within("address"):
                return PostalAddress(choice.country, choice.details())
        case None:
            return None


async def choose_delivery(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    checkout_id: UUID,
    vendor_id: UUID,
    rate_id: UUID,
) -> Checkout:
    """Choose one of the rates at which a vendor delivers its part.

    Raises `AddressMissing`, `NoDelivery` if no rate serves the address, and `NotFound` for another
    vendor's rate.
    """
    checkout = await access_checkout(session, viewer, checkout_id)
    quote = await quote_checkout(session, viewer, sealer, checkout)
    group = next((one for one in quote.groups if one.vendor.id == vendor_id), None)
    if group is None:
        raise NotFound(field=["vendorId"])
    if group.is_delivered and checkout.ship_to is None:
        raise AddressMissing
    if not group.deliveries:
        raise NoDelivery(field=["vendorId"])
    if rate_id not in {one.rate.id for one in group.deliveries}:
        raise NotFound(field=["rateId"])
    checkout.deliveries = checkout.deliveries | {str(vendor_id): str(rate_id)}
    checkout.touch(now())
    return checkout


async def apply_promo_code(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, *, checkout_id: UUID, code: str
) -> Checkout:
    """Enter a code. A code that was entered already changes nothing.

    If several have the text, it is that of a vendor of the checkout, or of the platform; entered
    again, that of the next of them.

    Raises `PromoNotValid`, `PromoUsedUp`, `PromoUseLimitReached`, `PromoNotApplicable` and
    `CheckoutCodeLimitReached`. The use is taken by the order.
    """
    checkout = await access_checkout(session, viewer, checkout_id)
    found = await _find_code(session, viewer, sealer, checkout, code)
    entered = checkout.promo_code_ids
    if found.id not in entered:
        if len(entered) >= MAX_CODES:
            raise CheckoutCodeLimitReached(most=MAX_CODES)
        checkout.promo_code_ids = [*entered, found.id]
        quote = await quote_checkout(session, viewer, sealer, checkout)
        for problem in quote.problems:
            if problem.promo_code_id == found.id:
                raise problem.refusal
    checkout.touch(now())
    return checkout


async def _find_code(
    session: AsyncSession, viewer: Viewer, sealer: Sealer, checkout: Checkout, code: str
) -> PromoCode:
    found = await find_promo_codes(session, code, checkout.currency, most=2)
    if len(found) == 1:
        return found[0]
    quote = await quote_checkout(session, viewer, sealer, checkout)
    return await choose_promo_code(
        session,
        code,
        checkout.currency,
        vendor_ids=[group.vendor.id for group in quote.groups],
        entered=checkout.promo_code_ids,
    )


async def remove_promo_code(
    session: AsyncSession, viewer: Viewer, *, checkout_id: UUID, promo_code_id: UUID
) -> Checkout:
    checkout = await access_checkout(session, viewer, checkout_id)
    checkout.promo_code_ids = [one for one in checkout.promo_code_ids if one != promo_code_id]
    checkout.touch(now())
    return checkout


async def use_wallet(
    session: AsyncSession, viewer: Viewer, *, checkout_id: UUID, amount: int
) -> Checkout:
    """Set what is taken from the user's wallet, at most the total. The order takes it.

    An amount that the wallet does not have is a problem of the checkout.
    """
    checkout = await access_checkout(session, viewer, checkout_id)
    checkout.wallet = amount
    checkout.touch(now())
    return checkout
