"""A cart as it is shown: its lines by vendor, the totals and the problems."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from models.checkouts import CheckoutProblem
from services.carts.items import CartItem
from services.stock.problems import find_problems


@dataclass(frozen=True)
class ShownLine(CartItem):
    """A line with its problems."""

    problems: Sequence[CheckoutProblem] = ()


@dataclass(frozen=True)
class VendorGroup:
    """The lines of one vendor, which has one currency. Lines that are not sold cost nothing."""

    vendor_id: UUID
    currency: str
    lines: Sequence[ShownLine]

    @property
    def subtotal(self) -> int:
        return sum(line.total for line in self.lines if line.can_be_sold)


@dataclass(frozen=True)
class CartView:
    """The lines of a cart, arranged."""

    items: Sequence[CartItem] = ()

    @cached_property
    def problems(self) -> Sequence[CheckoutProblem]:
        return find_problems(self.items)

    @cached_property
    def groups(self) -> Sequence[VendorGroup]:
        """Return the lines by vendor, in the order in which the first of each was added."""
        found: dict[UUID, list[ShownLine]] = {}
        for item in self.items:
            own = [one for one in self.problems if one.ref_id == item.variant_id]
            line = ShownLine(**vars(item), problems=own)
            found.setdefault(item.vendor_id, []).append(line)
        return [VendorGroup(id, lines[0].currency, lines) for id, lines in found.items()]

    @property
    def totals(self) -> dict[str, int]:
        """Return the total of each currency. Each is ordered by a checkout of its own."""
        totals: dict[str, int] = {}
        for group in self.groups:
            totals[group.currency] = totals.get(group.currency, 0) + group.subtotal
        return totals

    @property
    def units(self) -> int:
        return sum(item.quantity for item in self.items)
