"""The orders of a vendor: conditions of its list, counts, and what is to be packed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from core.keyset import MAX_COUNT
from dataloaders.catalog import visible_variant
from engine.ids import id_field
from engine.types import field, localized_text, optional, related
from schema.lazy import LazyVariant
from schema.orders.enums import LineKind, SubOrderState
from schema.orders.inputs import PROMO_CODE
from schema.orders.types import OrderedOption
from services.orders import vendor_orders as rows


@strawberry.input(description="Conditions of a list of a vendor's orders. All must hold.")
class VendorOrderWhere:
    state: SubOrderState | None = optional("In this state.")
    placed_from: datetime | None = optional("Placed at this time or later.")
    placed_before: datetime | None = optional("Placed before this time.")
    number: str | None = optional("With this number of the order, in any case.")
    promo_code_id: UUID | None = id_field("PromoCode", PROMO_CODE, default=None)


@strawberry.type(description="The number of a vendor's parts of orders in a state.")
class SubOrderCount:
    state: SubOrderState = strawberry.field(description="The state.")
    count: int = strawberry.field(
        description=f"The number of parts in it. {MAX_COUNT:,} stands for that many or more."
    )


@strawberry.type(description="The units of one article that are to be packed.")
class PickListLine:
    kind: LineKind = strawberry.field(description="The kind of thing.")
    sku: str | None = strawberry.field(description="The vendor's number. Null for what has none.")
    title: str = localized_text("title", "The title, as it was ordered.")
    units: int = strawberry.field(description="The units to pack, for all orders together.")
    orders: int = strawberry.field(description="The number of orders that they are for.")
    oldest_at: datetime = strawberry.field(
        description="The time at which the oldest of the orders was placed."
    )
    variant: LazyVariant | None = related(
        visible_variant,
        by="ref_id",
        description="The variant as it is now. Null if it is not sold any more.",
    )

    @field("The options, as they were ordered.", size=3)
    def options(root: strawberry.Parent[rows.PickedLine]) -> list[OrderedOption]:
        chosen: Any = root.chosen
        return list(chosen)


def vendor_order_filter(where: VendorOrderWhere | None) -> rows.VendorOrderFilter:
    given = where or VendorOrderWhere()
    return rows.VendorOrderFilter(
        state=given.state,
        created_from=given.placed_from,
        created_before=given.placed_before,
        number=given.number,
        promo_code_id=given.promo_code_id,
    )
