"""Fields of Variant about its stock."""

from collections.abc import Sequence
from typing import Any

import strawberry

from dataloaders.stock import awaited_by_viewer, seen_stock_of_variant, stock_of_variant
from engine.types import loaded, related
from models.catalog.variants import Variant
from models.stock.levels import Stock
from schema.lazy import LazyStockLevel

VariantRoot = strawberry.Parent[Variant]
AMOUNTS = ("id", "tracks_stock", "per_order_max", "state")


@strawberry.type
class StockVariantFields:
    """A base of Variant, not a type of the schema."""

    @loaded(
        stock_of_variant,
        by="id",
        description="The units that an order can take now: at most `perOrderMax`.",
        needs=AMOUNTS,
        public=True,
        volatile=True,
        domain="catalog",
    )
    def orderable(root: VariantRoot, stock: Stock | None) -> int:
        if not root.active:
            return 0
        if not root.tracks_stock:
            return root.most
        return min(root.most, max(0, stock.available if stock else 0))

    @loaded(
        seen_stock_of_variant,
        by="id",
        description="The stock. Null for all but the vendor's members with the STAFF role or"
        " higher, and admins.",
    )
    def stock(root: VariantRoot, found: Sequence[Any]) -> LazyStockLevel | None:
        return next(iter(found), None)

    awaited_by_me: bool | None = related(
        awaited_by_viewer,
        by="id",
        description="Whether the viewer waits for a notification that it is back in stock.",
    )
