"""Amounts of money."""

from typing import Any

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


def money_of(amount: int, currency: str) -> Money:
    """Return an amount in minor units as money."""
    return Money(amount_minor=BigInt(amount), currency=CurrencyCode(currency))


def optional_money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else money_of(amount, currency)
