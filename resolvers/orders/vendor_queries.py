"""Root fields of the orders of vendors, and of all for admins."""

from typing import Annotated, Any, cast
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import connection
from engine.context import Info
from engine.ids import id_of
from engine.limits.cost import COUNT_COST
from engine.types import field
from schema.orders.inputs import OrderWhere, order_filter
from schema.orders.types import AllOrdersConnection, SubOrderConnection
from schema.orders.vendor_orders import (
    PickListLine,
    SubOrderCount,
    VendorOrderWhere,
    vendor_order_filter,
)
from schema.sorting import OrderBy, TimeOrder
from services.orders.vendor_orders import (
    COUNTED_STATES,
    MAX_PICKED,
    MAX_PICKED_PARTS,
    count_by_state,
    list_all_orders,
    list_units_to_pack,
    list_vendor_orders,
)

VendorId = Annotated[UUID, id_of("Vendor", "A vendor that the viewer works for.")]
Where = Annotated[VendorOrderWhere | None, strawberry.argument(description="Filters the list.")]
WhereOrders = Annotated[OrderWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class VendorOrderQuery:
    @connection(
        SubOrderConnection,
        "The vendor's parts of orders that were paid. Subscription: `vendorOrderChanges`. Empty"
        " for all but the vendor's members with the STAFF role or higher, and admins.",
    )
    def vendor_orders(
        self,
        info: Info,
        vendor_id: VendorId,
        where: Where = None,
        order_by: OrderBy = TimeOrder.NEWEST,
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        wanted = vendor_order_filter(where)
        return list_vendor_orders(info.context.viewer, vendor_id, wanted, newest=newest)

    @field(
        "The number of the vendor's parts of orders in each state from CONFIRMED to DELIVERED. All"
        " are 0 for those who can't see them.",
        cost=COUNT_COST,
        size=len(COUNTED_STATES),
    )
    async def vendor_order_counts(self, info: Info, vendor_id: VendorId) -> list[SubOrderCount]:
        async with info.context.read_session() as session:
            found = await count_by_state(session, info.context.viewer, vendor_id)
        return cast("list[SubOrderCount]", found)

    @field(
        f"The units that are to be packed for the {MAX_PICKED_PARTS:,} oldest orders that the"
        f" vendor has accepted, by SKU: at most {MAX_PICKED} articles. Empty for those who can't"
        " see the orders.",
        cost=COUNT_COST,
        size=50,
    )
    async def pick_list(self, info: Info, vendor_id: VendorId) -> list[PickListLine]:
        async with info.context.read_session() as session:
            found = await list_units_to_pack(session, info.context.viewer, vendor_id)
        return cast("list[PickListLine]", found)

    @connection(
        AllOrdersConnection, "The orders of all users. Only admins can list them.", for_admins=True
    )
    def all_orders(
        self, info: Info, where: WhereOrders = None, order_by: OrderBy = TimeOrder.NEWEST
    ) -> Listing[Any]:
        newest = order_by is TimeOrder.NEWEST
        return list_all_orders(info.context.viewer, order_filter(where), newest=newest)
