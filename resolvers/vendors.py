"""Finding vendors and categories."""

import strawberry
from strawberry import relay

from core.keyset import Window
from dataloaders.vendors import visible_vendor
from schema.base import computed, key
from schema.connections import Connection
from schema.context import Info
from schema.vendors import Category, Vendor, VendorOrder, VendorWhere, vendor_filter
from services.vendors import list_categories, search_vendors


@strawberry.type
class VendorQuery:
    """Public, except for vendors that are not approved."""

    @computed("The roots of the tree, or the branches on one.")
    async def categories(
        self, info: Info, parent_id: relay.GlobalID | None = None
    ) -> list[Category]:
        parent = key(parent_id, Category) if parent_id else None
        async with info.context.reading() as session:
            return [Category.of(row) for row in await list_categories(session, parent)]

    @computed("Vendors, by name, or by likeness when text is searched. Typos are forgiven.")
    async def vendors(
        self,
        info: Info,
        where: VendorWhere | None = None,
        search: str | None = None,
        order_by: VendorOrder = VendorOrder.NAME,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Connection[Vendor]:
        newest = order_by is VendorOrder.NEWEST
        wanted = vendor_filter(where, search)
        found = search_vendors(info.context.viewer, wanted, newest=newest)
        return await Connection[Vendor].fetch(info, *found, Window(first, after, last, before))

    @computed("A vendor; null if there is none by this id that the viewer may see.")
    async def vendor(self, info: Info, id: relay.GlobalID) -> Vendor | None:
        return Vendor.maybe(await info.context.loaders[visible_vendor].load(key(id, Vendor)))
