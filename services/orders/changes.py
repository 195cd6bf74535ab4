"""The publication of changes of orders."""

from collections.abc import Iterable

from core.statements.units import UnitOfWork
from models.orders.orders import Order, SubOrder
from services.journal import append as journal
from services.journal.topics import user_topic, vendor_topic
from services.orders.entries import OrderChanged, SubOrderChanged


def publish_change(unit: UnitOfWork, order: Order, suborders: Iterable[SubOrder] = ()) -> None:
    """Publish a change of an order to its buyer, and of these parts to their vendors."""
    journal.append(unit, OrderChanged(order.id), to=[user_topic(order.user_id)])
    for suborder in suborders:
        entry = SubOrderChanged(suborder.id)
        journal.append(unit, entry, to=[vendor_topic(suborder.vendor_id)])
