"""Shipments of sub-orders, and what carriers report of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import APPEND_ONLY, Row, enum_column, foreign_key, timestamp
from models.errors import Refusal
from models.personal_data import of_others
from models.text import Identifier, OneLine, one_line_constraint

MAX_SHIPMENTS = 50  # of a sub-order
MAX_TRACKING_EVENTS = 200  # of a shipment
MAX_CARRIER, MAX_TRACKING_NUMBER, MAX_PLACE = 40, 60, 120
Carrier = Annotated[str, OneLine(MAX_CARRIER, web_addresses=False)]
TrackingNumber = Annotated[str, Identifier(MAX_TRACKING_NUMBER)]
Place = Annotated[str, OneLine(MAX_PLACE)]


class ShipmentState(StrEnum):
    """`PACKED → SHIPPED → OUT_FOR_DELIVERY → DELIVERED / RETURNED / LOST`."""

    PACKED = "PACKED"
    SHIPPED = "SHIPPED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    RETURNED = "RETURNED"
    LOST = "LOST"

    @property
    def is_final(self) -> bool:
        return RANKS[self] == max(RANKS.values())

    def follows(self, state: "ShipmentState") -> bool:
        """Return whether this state is later. Events of carriers arrive out of order."""
        return RANKS[self] > RANKS[state]


RANKS: Mapping[ShipmentState, int] = {
    ShipmentState.PACKED: 0,
    ShipmentState.SHIPPED: 1,
    ShipmentState.OUT_FOR_DELIVERY: 2,
    ShipmentState.DELIVERED: 3,
    ShipmentState.RETURNED: 3,
    ShipmentState.LOST: 3,
}


class Shipment(Row, table=True):
    """One parcel of a sub-order. A shipment changes no money."""

    __table_args__ = (
        one_line_constraint("carrier"),
        one_line_constraint("tracking_number"),
        CheckConstraint(f"char_length(carrier) <= {MAX_CARRIER}", name="carrier_length"),
        CheckConstraint(
            f"char_length(tracking_number) <= {MAX_TRACKING_NUMBER}",
            name="tracking_number_length",
        ),
        UniqueConstraint("carrier", "tracking_number"),
        UniqueConstraint("suborder_id", "position"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_SHIPMENTS - 1}", name="position"),
    )
    __privacy__ = of_others(none="position carrier tracking_number")

    suborder_id: UUID = foreign_key("suborder", index=False)
    position: int
    state: ShipmentState = enum_column(ShipmentState, default=ShipmentState.PACKED)
    carrier: Carrier | None = Field(default=None)
    tracking_number: TrackingNumber | None = Field(default=None)
    shipped_at: datetime | None = timestamp(default=None)
    ended_at: datetime | None = timestamp(default=None)


class ShipmentLine(SQLModel, table=True):
    """Units of a line in a shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        Index("shipment_line_line_id_idx", "line_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="quantity")

    shipment_id: UUID = foreign_key("shipment", primary_key=True, index=False)
    line_id: UUID = foreign_key("order_line", primary_key=True, index=False)
    quantity: int


class TrackingSource(StrEnum):
    """The side that reported an event."""

    VENDOR = "VENDOR"
    CARRIER = "CARRIER"


class TrackingEvent(Row, table=True):
    """A report of where a shipment is. The same report counts once. `at` is the carrier's time."""

    __tablename__ = "tracking_event"
    __table_args__ = (
        one_line_constraint("place"),
        CheckConstraint(f"char_length(place) <= {MAX_PLACE}", name="place_length"),
        UniqueConstraint("shipment_id", "state", "at"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="place")

    shipment_id: UUID = foreign_key("shipment", index=False)
    state: ShipmentState = enum_column(ShipmentState)
    source: TrackingSource = enum_column(TrackingSource)
    at: datetime = timestamp()
    place: Place | None = Field(default=None)


class TrackingNumberTaken(Refusal):
    message = "Another shipment has this tracking number. Check it."
    meaning = "A shipment with the same carrier and tracking number exists."
    remedy = "Show `message` next to the tracking number."
    constraint = "shipment_carrier_tracking_number_key"


class ShipmentLimitReached(Refusal):
    message = "An order can have at most {most} shipments."
    meaning = "The sub-order has the maximum number of shipments."
    remedy = "Add the units to one shipment."
