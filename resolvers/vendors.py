"""Vendors and categories."""

from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.vendors import visible_vendor
from engine.arguments import PUBLIC_COUNT_COST, SEARCH_COST, NodeId, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.types import decode_id, decode_optional_id, field
from schema.vendors.inputs import VendorOrder, VendorWhere, vendor_filter
from schema.vendors.types import Category, Vendor
from services.vendors import list_categories, search_vendors

ParentId = Annotated[
    relay.GlobalID | None,
    strawberry.argument(
        description="Returns the children of this category. If omitted, returns top-level"
        " categories."
    ),
]
Where = Annotated[VendorWhere | None, strawberry.argument(description="Filters the list.")]
OrderBy = Annotated[
    VendorOrder, strawberry.argument(description="The order. Ignored with `search`.")
]


@strawberry.type
class VendorQuery:
    @field("Categories in their display order.")
    async def categories(self, info: Info, parent_id: ParentId = None) -> list[Category]:
        parent = decode_optional_id(parent_id, Category)
        async with info.context.read_session() as session:
            return [Category.wrap(row) for row in await list_categories(session, parent)]

    @connection(
        Connection[Vendor],
        "Vendors that the viewer can see. With `search`, by relevance: misspellings are tolerated.",
        argument_costs={"search": SEARCH_COST},
        count_cost=PUBLIC_COUNT_COST,
    )
    def vendors(
        self,
        info: Info,
        where: Where = None,
        search: Search = None,
        order_by: OrderBy = VendorOrder.NAME,
    ) -> Listing[Any]:
        wanted = vendor_filter(where, search)
        newest = order_by is VendorOrder.NEWEST
        return search_vendors(info.context.viewer, wanted, newest=newest)

    @field("Returns a vendor. Null if it doesn't exist or the viewer can't see it.")
    async def vendor(self, info: Info, id: NodeId) -> Vendor | None:
        return Vendor.wrap_optional(
            await info.context.loaders[visible_vendor].load(decode_id(id, Vendor))
        )
