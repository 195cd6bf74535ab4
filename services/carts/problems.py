"""Problems that keep the lines of a cart from being ordered as they are.

The cart and the checkout show those of `find_problems`, and `placeOrder` refuses them with
`ensure_orderable`. So a customer is never refused for a reason that was not shown.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.carts import (
    CurrencyMismatch,
    NotSold,
    PerOrderMax,
    PriceChanged,
    ProblemCode,
    VendorClosed,
)
from models.errors import Refusal
from models.stock.levels import InsufficientStock
from services.carts.items import CartItem


@dataclass(frozen=True)
class Problem:
    """Why a line cannot be ordered as it is. `refusal` has the text and the values of its code."""

    item: CartItem
    refusal: Refusal

    @property
    def code(self) -> ProblemCode:
        return ProblemCode(self.refusal.code)

    @property
    def available(self) -> int | None:
        """Return the units that are left; None unless that is the problem."""
        return self.item.available if self.code is ProblemCode.INSUFFICIENT_STOCK else None

    @property
    def most(self) -> int | None:
        """Return the units that one order can take; None unless that is the problem."""
        return self.item.most if self.code is ProblemCode.PER_ORDER_MAX else None


def find_problems(items: Sequence[CartItem], currency: str | None = None) -> list[Problem]:
    """Return what must change before the items can be ordered together, in their order.

    Units of several lines with one variant are added up. With `currency`, all must be sold in it.
    """
    needed: Counter[UUID] = Counter()
    for item in items:
        needed[item.variant_id] += item.quantity
    return [
        Problem(item, refusal) for item in items for refusal in _refusals(item, needed, currency)
    ]


def ensure_orderable(items: Sequence[CartItem], currency: str) -> None:
    """Raise the first problem as its refusal, with the others as further ones."""
    refusals = [one.refusal for one in find_problems(items, currency)]
    if refusals:
        first, *first.further = refusals
        raise first


def _refusals(
    item: CartItem, needed: Mapping[UUID, int], currency: str | None
) -> Iterator[Refusal]:
    """Yield what is wrong with an item. What is not sold has no other problem."""
    if not item.vendor_open:
        yield VendorClosed()
    elif not item.sold:
        yield NotSold()
    else:
        yield from _refusals_of_sold(item, needed[item.variant_id], currency)


def _refusals_of_sold(item: CartItem, needed: int, currency: str | None) -> Iterator[Refusal]:
    if currency is not None and item.currency != currency:
        yield CurrencyMismatch()
    if needed > item.most:
        yield PerOrderMax(most=item.most)
    if item.available is not None and needed > item.available:
        yield InsufficientStock(variant_id=item.variant_id, available=item.available)
    if item.price != item.seen_price:
        yield PriceChanged()
