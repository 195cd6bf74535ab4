"""Problems of goods: one rule for what keeps carts, checkouts and orders from being ordered.

So a customer is never refused for a reason that was not shown before.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from models.checkouts import CheckoutProblem, ProblemCode


class WantedGoods(Protocol):
    """Units of a variant that someone wants, and the variant as it is now.

    `most` are the units that one order can take, and `available` those in stock, None without a
    limit. `seen_price` is what the customer saw, `price` what is charged.
    """

    @property
    def variant_id(self) -> UUID: ...
    @property
    def vendor_id(self) -> UUID: ...
    @property
    def quantity(self) -> int: ...
    @property
    def seen_price(self) -> int | None: ...
    @property
    def price(self) -> int: ...
    @property
    def sold(self) -> bool: ...
    @property
    def vendor_open(self) -> bool: ...
    @property
    def most(self) -> int: ...
    @property
    def available(self) -> int | None: ...


def find_problems(wanted: Sequence[WantedGoods]) -> list[CheckoutProblem]:
    """Return what must change before goods can be ordered together, in their order.

    Units of several lines with one variant are added up: each line alone could be in stock.
    """
    needed: Counter[UUID] = Counter()
    for one in wanted:
        needed[one.variant_id] += one.quantity
    return [problem for one in wanted for problem in _problems_of(one, needed[one.variant_id])]


def _problems_of(one: WantedGoods, needed: int) -> Iterator[CheckoutProblem]:
    """Yield what is wrong with a line. What is not sold has no other problem."""
    about = (one.variant_id, one.vendor_id)
    if not one.vendor_open:
        yield CheckoutProblem(ProblemCode.VENDOR_CLOSED, *about)
        return
    if not one.sold:
        yield CheckoutProblem(ProblemCode.NOT_SOLD, *about)
        return
    if needed > one.most:
        yield CheckoutProblem(ProblemCode.PER_ORDER_MAX, *about, most=one.most)
    if one.available is not None and needed > one.available:
        yield CheckoutProblem(ProblemCode.INSUFFICIENT_STOCK, *about, available=one.available)
    if one.seen_price is not None and one.price != one.seen_price:
        yield CheckoutProblem(ProblemCode.PRICE_CHANGED, *about, seen=one.seen_price, now=one.price)
