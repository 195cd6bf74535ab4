"""Fields of Vendor about its products and their stock."""

from typing import Annotated, Any

import strawberry

from core.keyset import Listing
from dataloaders.catalog import live_products_of_vendor
from dataloaders.vendors import own_membership
from engine.connections import connection
from engine.permissions import visible_to_members
from engine.types import related_page
from models import vendors as rows
from models.members import Permission
from schema.catalog.enums import ProductState
from schema.lazy import (
    LazyManagedProductConnection,
    LazyProduct,
    LazyProductImportConnection,
    LazyStockLevelConnection,
)
from schema.stock.inputs import StockWhere
from services.catalog.imports.imports import list_imports
from services.catalog.search import list_managed_products
from services.stock.access import list_stock
from services.vendors.access import may_do

InStates = Annotated[
    list[ProductState] | None,
    strawberry.argument(description="Returns products in one of these states. Defaults to all."),
]
WhereStock = Annotated[StockWhere | None, strawberry.argument(description="Filters the list.")]


@strawberry.type
class CatalogVendorFields:
    """A base of Vendor, not a type of the schema."""

    products: list[LazyProduct] = related_page(
        live_products_of_vendor,
        LazyProduct,
        "Live products, newest first. For more pages use `products(where: {vendorId})`.",
        public=True,
    )

    @visible_to_members(own_membership, may_do(Permission.SEE_PRODUCTS), admins=True)
    @connection(
        LazyManagedProductConnection,
        "All products, newest first. Subscription: `productChanges`. Visible to members with the"
        " STAFF role or higher, and admins.",
        needs=("id",),
    )
    def managed_products(
        root: strawberry.Parent[rows.Vendor], states: InStates = None
    ) -> Listing[Any]:
        return list_managed_products(root.id, states)

    @visible_to_members(own_membership, may_do(Permission.EDIT_PRODUCTS), admins=True)
    @connection(
        LazyProductImportConnection,
        "The imports of products, newest first. Subscription: `productImportChanges`. Visible to"
        " members with the MANAGER role or higher, and admins.",
        needs=("id",),
    )
    def product_imports(root: strawberry.Parent[rows.Vendor]) -> Listing[Any]:
        return list_imports(root.id)

    @visible_to_members(own_membership, may_do(Permission.SEE_STOCK), admins=True)
    @connection(
        LazyStockLevelConnection,
        "The stock of the variants by SKU. Subscription: `stockChanges`. Visible to members with"
        " the STAFF role or higher, and admins.",
        needs=("id",),
        domain="stock",
    )
    def stock_levels(
        root: strawberry.Parent[rows.Vendor], where: WhereStock = None
    ) -> Listing[Any]:
        return list_stock(root.id, low=where is not None and where.low)
