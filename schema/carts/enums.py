"""Enums of the domain `carts` in the GraphQL schema."""

from engine.enums import publish
from models.carts import NotKeptReason

__all__ = ["NotKeptReason"]

publish(
    NotKeptReason,
    "Why units were not merged into a cart.",
    NOT_SOLD="The variant is not sold, or does not exist.",
    PER_ORDER_MAX="They exceed what one order can take.",
    CART_FULL="The cart has the maximum number of lines.",
)
