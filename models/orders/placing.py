"""Refusals of placing an order."""

from collections.abc import Sequence

from models.checkouts import CheckoutProblem
from models.errors import Refusal


class CartChanged(Refusal):
    """The total is not the one that the user agreed to. `total` is in minor units."""

    message = "The total has changed. Check it before you order."
    meaning = "`expectedTotal` is not what the checkout costs now: a price, rate or code changed."
    remedy = "Show the checkout again with its new total, and let the user agree to it."

    def __init__(self, *, total: int, currency: str) -> None:
        self.total, self.currency = total, currency
        super().__init__(field=["expectedTotal"])


class CheckoutIncomplete(Refusal):
    """The checkout has problems, the same that its `problems` list."""

    message = "The order cannot be placed like this. Correct what is marked and try again."
    meaning = "The checkout has `problems`: what is missing, not sold any more or not valid."
    remedy = "Show the `problems` of the error next to what they are about."

    def __init__(self, problems: Sequence[CheckoutProblem]) -> None:
        self.problems = list(problems)
        super().__init__()
