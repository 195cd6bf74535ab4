"""Enums of the domain `shipping` in the GraphQL schema."""

from engine.enums import publish
from models.shipping.rates import RateKind

__all__ = ["RateKind"]

publish(
    RateKind,
    "The measure on which the price of a delivery depends.",
    FLAT="Nothing: each delivery has the same price.",
    WEIGHT="The weight of the parcel in grams.",
    PRICE="The value of the goods after discounts, in minor units.",
    LOCAL="The distance from the vendor in meters, in a straight line.",
    PICKUP="None: the buyer picks the goods up at the vendor's address.",
)
