"""Enums of the domain `stock` in the GraphQL schema."""

from engine.enums import publish
from models.stock.levels import MovementKind

__all__ = ["MovementKind"]

publish(
    MovementKind,
    "The reason of a movement of stock.",
    RECEIVED="Units arrived.",
    COUNTED="A count found more or fewer units.",
    SOLD="Units of an order left.",
    RETURNED="Units of an order came back.",
    LOST="Units were damaged or lost.",
)
