"""Loaders of shipments."""

from sqlalchemy import select
from sqlmodel import col

from core.statements.selected import AnySelect, Selected, columns_of
from core.statements.statement import any_of
from engine.loaders import children, grouped, visible
from models.orders.orders import SubOrder
from models.shipments import Shipment, ShipmentLine, TrackingEvent
from services.shipments.access import visible_shipments, visible_tracking_events
from services.shipments.printing import packed_suborders


def _shipments(_: object, selected: Selected | None) -> AnySelect:
    shipments = select(*columns_of(Shipment, selected, "suborder_id"))
    return shipments.where(any_of(col(Shipment.suborder_id))).order_by(col(Shipment.position))


def _lines(_: object, selected: Selected | None) -> AnySelect:
    lines = select(*columns_of(ShipmentLine, selected, "shipment_id"))
    return lines.where(any_of(col(ShipmentLine.shipment_id))).order_by(col(ShipmentLine.id))


visible_shipment = visible(Shipment, visible_shipments)
shipments_of_suborder = grouped(Shipment, "suborder_id", _shipments)
lines_of_shipment = grouped(ShipmentLine, "shipment_id", _lines)
events_of_shipment = children(TrackingEvent, "shipment_id", visible_tracking_events)
packed_suborder = visible(SubOrder, packed_suborders)
