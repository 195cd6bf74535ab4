"""Journal entries of orders: each names a row that changed, with whatever belongs to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from core.statements.units import UnitOfWork
from models.orders.orders import Order, SubOrder
from services.journal import append as journal
from services.journal.entries import Entry
from services.journal.topics import user_topic, vendor_topic


@dataclass(frozen=True)
class OrderChanged(Entry, kind="order.changed"):
    """An order, its payments or its refunds changed. For the buyer."""

    order_id: UUID


@dataclass(frozen=True)
class SubOrderChanged(Entry, kind="suborder.changed"):
    """One vendor's part changed. For the members of the vendor."""

    suborder_id: UUID


def publish_change(unit: UnitOfWork, order: Order, suborders: Iterable[SubOrder] = ()) -> None:
    """Publish a change of an order to its buyer, and of these parts to their vendors."""
    journal.append(unit, OrderChanged(order.id), to=[user_topic(order.user_id)])
    for suborder in suborders:
        entry = SubOrderChanged(suborder.id)
        journal.append(unit, entry, to=[vendor_topic(suborder.vendor_id)])
