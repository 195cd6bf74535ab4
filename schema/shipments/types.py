"""Shipments of sub-orders, and their tracking."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.orders import line_by_id, suborder_by_id
from dataloaders.shipments import (
    events_of_shipment,
    lines_of_shipment,
    packed_suborder,
    visible_shipment,
)
from engine.address_scalars import URL
from engine.context import Info
from engine.enums import publish
from engine.ids import id_of
from engine.types import Rows, column, field, loaded, related, related_page
from models import shipments as rows
from models.orders.lines import MAX_LINES
from models.orders.orders import SubOrder
from models.shipments import ShipmentState, TrackingSource
from schema.lazy import LazyOrderLine, LazySubOrder
from services.shipments.paper_links import LINK_SECONDS, PATH, PaperKind, PaperLink

ShipmentRoot = strawberry.Parent[rows.Shipment]
ShipmentId = Annotated[UUID, id_of("Shipment", "The shipment's id.")]

publish(
    ShipmentState,
    "The state of a shipment, or that of a report.",
    SHIPPED="Handed over to the carrier.",
    OUT_FOR_DELIVERY="In the vehicle that delivers it.",
    DELIVERED="Handed over to the customer.",
    RETURNED="Back at the vendor, because it could not be delivered.",
    LOST="Lost or destroyed on its way.",
)

publish(
    TrackingSource,
    "The side that sent a report.",
    VENDOR="A member of the vendor.",
    CARRIER="The carrier.",
)


@strawberry.type(description="Units of a line in a shipment.")
class ShipmentLine(Rows[rows.ShipmentLine]):
    quantity: int = column("The number of units.")
    line: LazyOrderLine = related(line_by_id, by="line_id", description="The line.")


@strawberry.type(description="A report of where a shipment is.")
class TrackingEvent(Rows[rows.TrackingEvent]):
    state: ShipmentState = column("The reported state.")
    source: TrackingSource = column("The side that reported it.")
    at: datetime = column("The time of the report, as it was reported.")
    recorded_at: datetime = column("The time at which the report arrived.", of="created_at")
    place: str | None = column("The place. Null if none was reported.")


FOR_PACKERS = (
    f" PDF of the size A{{size}}, for {LINK_SECONDS // 60} minutes. Null for all but the vendor's"
    " members with the STAFF role or higher{but}."
)


def _link_to(kind: PaperKind, shipment: rows.Shipment, info: Info) -> URL | None:
    """Return a link for the viewer, who may pack the shipment."""
    user_id = info.context.viewer.require_user()
    link = PaperLink(kind, shipment.id, user_id).sign(info.context.app.keys)
    return URL(f"{info.context.app.settings.address}{link.under(PATH)}")


@strawberry.type(
    description="One parcel of a vendor's part of an order. It changes no amount. Visible to the"
    " buyer, to the vendor's members with the STAFF role or higher, and to admins."
)
class Shipment(Rows[rows.Shipment], relay.Node, access=visible_shipment):
    id: relay.NodeID[UUID]
    state: ShipmentState = column("The latest stage that was reported.")
    carrier: str | None = column("The carrier. Null if the vendor delivers it.")
    tracking_number: str | None = column("The carrier's number of it. Null without one.")
    shipped_at: datetime = column("The time at which it was shipped.", of="created_at")
    ended_at: datetime | None = column(
        "The time at which it was delivered, returned or lost. Null before."
    )
    suborder: LazySubOrder = related(
        suborder_by_id, by="suborder_id", description="The vendor's part of the order."
    )
    shipped_lines: list[ShipmentLine] = related(
        lines_of_shipment, by="id", description=f"The units, at most {MAX_LINES} lines.", size=5
    )
    tracking: list[TrackingEvent] = related_page(
        events_of_shipment,
        TrackingEvent,
        "The reports of its tracking, the last to arrive first.",
        default=10,
    )

    @field("The number of the parcel, from 1, in the vendor's part.", needs=("position",))
    def parcel_number(root: ShipmentRoot) -> int:
        return root.position + 1

    @loaded(
        packed_suborder,
        by="suborder_id",
        description="The label for the parcel."
        + FOR_PACKERS.format(size=6, but=", and of pick-ups"),
        needs=("id", "suborder_id"),
    )
    def label_url(root: ShipmentRoot, packed: SubOrder | None, info: Info) -> URL | None:
        if packed is None or packed.is_pickup:
            return None
        return _link_to(PaperKind.LABEL, root, info)

    @loaded(
        packed_suborder,
        by="suborder_id",
        description="The packing slip, without prices." + FOR_PACKERS.format(size=4, but=""),
        needs=("id", "suborder_id"),
    )
    def packing_slip_url(root: ShipmentRoot, packed: SubOrder | None, info: Info) -> URL | None:
        return None if packed is None else _link_to(PaperKind.PACKING_SLIP, root, info)
