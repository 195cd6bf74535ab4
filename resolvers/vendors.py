"""Vendors and categories."""

from typing import Annotated, Any

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.vendors import visible_vendor
from engine.arguments import PUBLIC_COUNT_COST, SEARCH_COST, NodeId, Search
from engine.connections import Connection, connection
from engine.context import Info
from engine.mutation import mutation
from engine.types import decode_id, decode_optional_id, field
from models import vendors as rows
from models.audit import AuditAct
from models.errors import InvalidInput, NotFound
from schema.vendors.inputs import VendorOrder, VendorWhere, vendor_filter
from schema.vendors.types import Category, Vendor
from schema.vendors.updates import UpdateVendorInput, vendor_images, vendor_patch
from services.vendors import list_categories, search_vendors, update_vendor

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
class VendorMutation:
    @mutation(vendor=Vendor, audit=AuditAct.UPDATE_VENDOR, raises=(InvalidInput, NotFound))
    async def update_vendor(self, info: Info, input: UpdateVendorInput) -> rows.Vendor:
        """Change the profile of a vendor. Requires its MANAGER or OWNER role."""
        patch, images = vendor_patch(input), vendor_images(input)
        async with info.context.transaction() as session:
            return await update_vendor(
                session,
                info.context.viewer,
                vendor_id=decode_id(input.vendor_id, Vendor),
                patch=patch,
                images=images,
            )


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
