"""Lines to price: so many units of something at a price, by a vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Line:
    """A line. `category_ids` are the category and its ancestors. `unit` is in minor units.

    What is not `delivered`, such as a file, bears no share of the delivery.
    """

    id: UUID
    vendor_id: UUID
    unit: int
    quantity: int
    product_id: UUID | None = None
    category_ids: frozenset[UUID] = frozenset()
    tax_class: str = "STANDARD"
    delivered: bool = True

    @property
    def goods(self) -> int:
        return self.unit * self.quantity


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Sort lines by id, so that a remainder is always the same line's, however they are listed."""
    return sorted(lines, key=lambda line: line.id)
