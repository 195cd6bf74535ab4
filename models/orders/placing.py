"""Refusals of placing an order."""

from core.money import Amount
from models.errors import Refusal

MAX_UNPAID_ORDERS = 10  # of a user: each holds units that no one else can buy


class TotalChanged(Refusal):
    """The total is not the one that the user agreed to. `total` is in minor units."""

    code = "CART_CHANGED"
    message = "The total has changed. Check it before you order."
    meaning = (
        "`expectedTotalMinor` is not what the checkout costs now: a price, rate or code changed."
    )
    remedy = "Show the checkout again with its new total, and let the user agree to it."

    def __init__(self, *, total: int, currency: str) -> None:
        self.total = Amount(total, currency)
        super().__init__(field=["expectedTotalMinor"])


class TooManyUnpaid(Refusal):
    message = "You have {most} orders that are not paid. Pay or cancel one first."
    meaning = "The user has the maximum number of PENDING orders, each of which holds units."
    remedy = "Show the PENDING orders, and offer to pay or to cancel them."
