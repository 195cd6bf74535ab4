"""Enums of the domain `carts` in the GraphQL schema."""

from engine.enums import publish
from models.carts import NotKeptReason, ProblemCode

__all__ = ["NotKeptReason", "ProblemCode"]

publish(
    ProblemCode,
    "Why a line cannot be ordered as it is. Values may be added: show `message` of an unknown one.",
    NOT_SOLD="The variant or its product is not sold any more. Only its removal helps.",
    VENDOR_CLOSED="The vendor does not sell at present.",
    CURRENCY_MISMATCH="The line is sold in another currency than the checkout has.",
    PER_ORDER_MAX="One order can take fewer units: see `most`.",
    INSUFFICIENT_STOCK="Fewer units are in stock: see `available`.",
    PRICE_CHANGED="The price is another one than the customer saw: see `seenPrice` of the line.",
)
publish(
    NotKeptReason,
    "Why units were not merged into a cart.",
    NOT_SOLD="The variant is not sold, or does not exist.",
    PER_ORDER_MAX="They exceed what one order can take.",
    CART_FULL="The cart has the maximum number of lines.",
)
