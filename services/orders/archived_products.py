"""Units of products that could be archived, which are still to be shipped."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.catalog.products import Product, ProductState
from models.catalog.variants import Variant
from models.members import Permission
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.orders.states import SubOrderState
from services.vendors.access import works_at
from services.viewer import Viewer

TO_SHIP = (SubOrderState.CONFIRMED, SubOrderState.PREPARING)


async def count_units_to_ship(
    session: AsyncSession, viewer: Viewer, product_ids: Sequence[UUID]
) -> Mapping[UUID, int]:
    """Count the units to ship of products of the viewer's vendors that are not archived."""
    if viewer.optional_user_id is None:
        return {}
    units = _units(product_ids)
    rows = (
        select(Product.id, func.coalesce(units.c.units, 0))
        .outerjoin(units, units.c.product_id == col(Product.id))
        .where(col(Product.id).in_(product_ids), Product.state != ProductState.ARCHIVED)
    )
    if not viewer.admin:
        rows = rows.where(works_at(viewer.staff, col(Product.vendor_id), Permission.SEE_ORDERS))
    return dict((await session.exec(rows)).all())


def _units(product_ids: Sequence[UUID]) -> Any:
    """Sum the units of the vendors' open parts by product."""
    to_ship: Any = OrderLine.quantity - col(OrderLine.cancelled) - col(OrderLine.shipped)
    summed = (
        select(Variant.product_id, func.sum(to_ship).label("units"))
        .join(SubOrder, col(SubOrder.vendor_id) == col(Variant.vendor_id))
        .join(OrderLine, col(OrderLine.suborder_id) == col(SubOrder.id))
        .where(
            col(Variant.product_id).in_(product_ids),
            col(SubOrder.state).in_(TO_SHIP),
            OrderLine.ref_id == Variant.id,
        )
    )
    return summed.group_by(col(Variant.product_id)).subquery()
