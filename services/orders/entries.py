"""Journal entries of orders."""

from dataclasses import dataclass
from uuid import UUID

from services.journal.entries import Entry


@dataclass(frozen=True)
class OrderChanged(Entry, kind="order.changed"):
    """An order of a user was placed or changed, with any of its parts."""

    order_id: UUID


@dataclass(frozen=True)
class SubOrderChanged(Entry, kind="suborder.changed"):
    """A vendor's part of an order was confirmed or changed."""

    suborder_id: UUID
