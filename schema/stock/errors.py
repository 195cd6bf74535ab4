"""Errors of stock that carry data."""

import strawberry

from engine.errors.conversion import UserError, error_type
from models.stock import levels


@error_type(levels.InsufficientStock)
@strawberry.type(description="Fewer units of a variant are available than were wanted.")
class InsufficientStock(UserError):
    variant_id: strawberry.ID = strawberry.field(description="The variant's id.")
    available: int = strawberry.field(description="The units that are available.")


@error_type(levels.StockMoved)
@strawberry.type(description="The units on hand are not those that the member expected.")
class StockMoved(UserError):
    on_hand: int = strawberry.field(description="The units that are on hand.")
