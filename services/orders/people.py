"""Which people orders show."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression
from sqlmodel import col

from core.database import exists_in
from models.members import Permission
from models.orders.orders import Order, SubOrder
from services.vendors.access import works_at
from services.viewer import StaffRef, UserRef


def sees_buyer(staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    """Match buyers with a confirmed part of an order at the user's vendors."""
    here = works_at(staff, col(SubOrder.vendor_id), Permission.SEE_ORDERS)
    sold = exists_in(
        SubOrder,
        col(SubOrder.order_id) == col(Order.id),
        col(SubOrder.confirmed_at).is_not(None),
        here,
    )
    return exists_in(Order, col(Order.user_id) == person, sold)


def _seen(user: UserRef, staff: StaffRef, person: SQLColumnExpression[UUID]) -> ColumnElement[bool]:
    return sees_buyer(staff, person)


SEEN = [_seen]
