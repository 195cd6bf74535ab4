"""Amounts of money."""

from typing import Any, overload

import strawberry

from core import money
from engine.scalars import BigInt, CurrencyCode
from engine.types import column, field


@strawberry.type(description="An amount of money.")
class Money:
    amount_minor: BigInt = column("The amount in the currency's minor unit, such as paise.")
    currency: CurrencyCode = column("The currency.")

    @field(
        "The amount in the currency's major unit, such as `1234.50`.",
        needs=("amount_minor", "currency"),
        public=True,
    )
    def decimal(root: strawberry.Parent[Any]) -> str:
        return money.decimal(root.amount_minor, root.currency)


@strawberry.input(description="An amount of money.")
class MoneyInput:
    amount_minor: BigInt = column("The amount in the currency's minor unit, such as paise.")
    currency: CurrencyCode = column("The currency, which must be the vendor's.")


@overload
def money_of(amount: int, currency: str) -> Money: ...
@overload
def money_of(amount: int | None, currency: str) -> Money | None: ...
def money_of(amount: int | None, currency: str) -> Money | None:
    """Return an amount in minor units as money."""
    if amount is None:
        return None
    return Money(amount_minor=BigInt(amount), currency=CurrencyCode(currency))
