"""Finding vendors and categories."""

from typing import Annotated

import strawberry
from strawberry import relay

from core.keyset import Window
from dataloaders.vendors import visible_vendor
from engine.arguments import After, Before, First, Last, NodeId, Search
from engine.connections import Connection
from engine.context import Info
from engine.types import decode_id, field
from schema.vendors.types import Category, Vendor, VendorOrder, VendorWhere, vendor_filter
from services.vendors import list_categories, search_vendors


@strawberry.type
class VendorQuery:
    """Public, except for vendors that are not approved."""

    @field("The roots of the tree, or the branches on one.")
    async def categories(
        self,
        info: Info,
        parent_id: Annotated[
            relay.GlobalID | None,
            strawberry.argument(description="The branch to look on; absent: the roots."),
        ] = None,
    ) -> list[Category]:
        parent = decode_id(parent_id, Category) if parent_id else None
        async with info.context.read_session() as session:
            return [Category.of(row) for row in await list_categories(session, parent)]

    @field("Vendors, by name, or by likeness when text is searched. Typos are forgiven.")
    async def vendors(
        self,
        info: Info,
        where: Annotated[
            VendorWhere | None, strawberry.argument(description="What to narrow the list to.")
        ] = None,
        search: Search = None,
        order_by: Annotated[
            VendorOrder,
            strawberry.argument(description="In which order, unless text is searched."),
        ] = VendorOrder.NAME,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Vendor]:
        newest = order_by is VendorOrder.NEWEST
        wanted = vendor_filter(where, search)
        found = search_vendors(info.context.viewer, wanted, newest=newest)
        return await Connection[Vendor].fetch(info, *found, Window(first, after, last, before))

    @field("A vendor; null if there is none by this id that the viewer may see.")
    async def vendor(self, info: Info, id: NodeId) -> Vendor | None:
        return Vendor.maybe(await info.context.loaders[visible_vendor].load(decode_id(id, Vendor)))
