"""Amounts of the rows of sub-orders, in the currency of their order."""

from typing import Any

import strawberry

from dataloaders.orders import currency_of_suborder
from engine.types import loaded
from schema.money import Money, money_of


def suborder_amount(name: str, description: str) -> Any:
    """Declare a field with an amount in minor units of a row that has a `suborder_id`."""

    @loaded(
        currency_of_suborder,
        by="suborder_id",
        description=description,
        needs=("suborder_id", name),
    )
    def amount(root: strawberry.Parent[Any], currency: str) -> Money:
        return money_of(getattr(root, name), currency)

    return amount
