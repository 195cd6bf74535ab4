"""Enums of the domain `checkouts` in the GraphQL schema."""

from engine.enums import publish
from models.checkouts import CheckoutState, ProblemCode
from schema.taxes.enums import TaxComponent

__all__ = ["CheckoutState", "ProblemCode", "TaxComponent"]

publish(
    CheckoutState,
    "The state of a checkout.",
    OPEN="Can be changed and ordered until `expiresAt`.",
    ORDERED="An order was placed from it. It cannot be changed any more.",
    EXPIRED="Was discarded, or not changed for too long. `createCheckout` starts another one.",
)
publish(
    ProblemCode,
    "Why a cart or a checkout cannot be ordered as it is. Values may be added: show `message` of an"
    " unknown one.",
    NOT_SOLD="The article or the tickets are not sold any more. Only their removal helps.",
    VENDOR_CLOSED="The vendor does not sell at present.",
    CURRENCY_MISMATCH="The line is sold in another currency than the checkout has.",
    PER_ORDER_MAX="One order can take fewer units: see `most`.",
    INSUFFICIENT_STOCK="Fewer units are in stock: see `available`.",
    PRICE_CHANGED="The price is another one than the customer saw: see `acceptCartPrices`.",
    CHECKOUT_EMPTY="Nothing in it is sold in its currency.",
    ADDRESS_MISSING="There is no address to deliver to.",
    NO_DELIVERY="The vendor does not deliver its part to the address.",
    DELIVERY_NOT_CHOSEN="One of the `deliveries` of the vendor must be chosen.",
    PROMO_NOT_VALID="The code has ended, or has not begun.",
    PROMO_USED_UP="The code was used as often as it can be.",
    PROMO_USE_LIMIT_REACHED="The user has used the code as often as one can.",
    PROMO_NOT_APPLICABLE="The code is for other or more goods, or not beside other codes.",
    TAX_UNKNOWN="The tax of the line is not known at the address.",
    WALLET_TOO_LOW="The wallet has less than it is to give.",
    HOLD_EXPIRED="A hold of tickets has ended: see `holdId`.",
    ANSWERS_MISSING="A hold of tickets lacks answers to questions: see `holdId`.",
    BOOKING_HOLD_EXPIRED="The time to book has ended: see `bookingId`.",
    BOOKING_STATE="A booking is not approved yet, or free: see `bookingId`.",
    BOOKING_ANSWERS_MISSING="A booking lacks answers to questions: see `bookingId`.",
)
