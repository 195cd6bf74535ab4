"""Stock of variants, for the members of their vendor."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from core.keyset import Listing
from dataloaders.catalog import product_of_variant, variant_by_id
from dataloaders.identity import visible_user
from dataloaders.stock import visible_movement, visible_stock_level
from engine.connections import Connection, LiveConnection, connection
from engine.types import Rows, column, field, related
from models.stock import levels as rows
from schema.lazy import LazyProduct, LazyUser, LazyVariant
from schema.stock.enums import MovementKind
from services.stock.access import list_movements


@strawberry.type(
    description="A change of the units on hand, kept for good. Visible to the vendor's members with"
    " the STAFF role or higher, and admins."
)
class StockMovement(Rows[rows.StockMovement], relay.Node, access=visible_movement):
    id: relay.NodeID[UUID]
    kind: MovementKind = column("The reason.")
    quantity: int = column("The units that came, negative for those that left.")
    on_hand: int = column("The units on hand afterwards.")
    created_at: datetime = column("The time of the movement.")
    variant: LazyVariant = related(
        variant_by_id,
        by="variant_id",
        description="The variant.",
    )

    @field("The note of the member. May be empty.", needs=("note",))
    def note(root: strawberry.Parent[rows.StockMovement]) -> str:
        return root.note or ""

    member: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The member who made it. Null if an order did, or the viewer can't see them.",
    )


@strawberry.type(
    description="The stock of a variant. Visible to the vendor's members with the STAFF role or"
    " higher, and admins."
)
class StockLevel(Rows[rows.Stock], relay.Node, access=visible_stock_level):
    id: relay.NodeID[UUID]
    on_hand: int = column("The units that are there.")
    reserved: int = column("The units of these that orders have reserved.")
    available: int = column("The units that can be sold.", needs=("on_hand", "reserved"))
    low_at: int | None = column(
        "The number of available units at which members are notified. Null is never."
    )
    is_low: bool = column(
        "Whether no more than `lowAt` units are available.",
        needs=("on_hand", "reserved", "low_at"),
    )
    changed_at: datetime = column("The time of the last change.")
    variant: LazyVariant = related(variant_by_id, by="variant_id", description="The variant.")
    product: LazyProduct | None = related(
        product_of_variant,
        by="variant_id",
        description="The product of the variant.",
        domain="catalog",
    )

    @connection(Connection[StockMovement], "The movements, newest first.", needs=("variant_id",))
    def movements(root: strawberry.Parent[rows.Stock]) -> Listing[Any]:
        return list_movements(root.variant_id)


@strawberry.type(description="A page of the stock of a vendor, with live changes.")
class StockLevelConnection(LiveConnection[StockLevel]):
    pass
