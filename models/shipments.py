"""Shipments of sub-orders, and what carriers report of them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator
from pydantic import Field as Range
from pydantic.alias_generators import to_camel
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from models.base import APPEND_ONLY, Row, enum_column, foreign_key, timestamp
from models.errors import InvalidInput, Refusal
from models.orders.lines import MAX_LINES
from models.orders.selections import UnitsOfLine
from models.personal_data import of_others
from models.text import Identifier, OneLine, one_line_constraint

MAX_SHIPMENTS = 50  # of a sub-order
MAX_TRACKING_EVENTS = 200  # of a shipment
MAX_CARRIER, MAX_TRACKING_NUMBER, MAX_PLACE = 40, 60, 120
CLOCK_DIFFERENCE = timedelta(minutes=5)
CARRIER_NAME = "replace(lower(carrier), ' ', '-')"  # in the path of its webhook
Carrier = Annotated[str, OneLine(MAX_CARRIER, web_addresses=False)]
TrackingNumber = Annotated[str, Identifier(MAX_TRACKING_NUMBER)]
Place = Annotated[str, OneLine(MAX_PLACE)]


class ShipmentState(StrEnum):
    """`SHIPPED → OUT_FOR_DELIVERY → DELIVERED / RETURNED / LOST`."""

    SHIPPED = "SHIPPED"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    DELIVERED = "DELIVERED"
    RETURNED = "RETURNED"
    LOST = "LOST"

    @property
    def is_final(self) -> bool:
        return RANKS[self] == max(RANKS.values())

    def follows(self, state: "ShipmentState") -> bool:
        """Return whether this state is later. Reports of carriers arrive out of order."""
        return RANKS[self] > RANKS[state]


RANKS: Mapping[ShipmentState, int] = {
    ShipmentState.SHIPPED: 0,
    ShipmentState.OUT_FOR_DELIVERY: 1,
    ShipmentState.DELIVERED: 2,
    ShipmentState.RETURNED: 2,
    ShipmentState.LOST: 2,
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
        # Of a vendor alone: another one could claim the next numbers of a carrier.
        Index(
            "shipment_tracking_number_key",
            "vendor_id",
            "tracking_number",
            text(CARRIER_NAME),
            unique=True,
        ),
        Index("shipment_tracking_number_idx", "tracking_number", text(CARRIER_NAME)),
        UniqueConstraint("suborder_id", "position"),
        CheckConstraint(f"position BETWEEN 0 AND {MAX_SHIPMENTS - 1}", name="position"),
    )
    __privacy__ = of_others(none="position carrier tracking_number")

    suborder_id: UUID = foreign_key("suborder", index=False)
    vendor_id: UUID = foreign_key("vendor", index=False)  # that of the sub-order
    position: int
    state: ShipmentState = enum_column(ShipmentState, default=ShipmentState.SHIPPED)
    carrier: Carrier | None = Field(default=None)
    tracking_number: TrackingNumber | None = Field(default=None)
    ended_at: datetime | None = timestamp(default=None)

    def follow(self, state: ShipmentState, moment: datetime) -> bool:
        """Take the state of a report, unless it is of an earlier stage. Return whether it changed.

        Carriers report late and out of order.
        """
        if not state.follows(self.state):
            return False
        self.state = state
        if state.is_final:
            self.ended_at = moment
        return True

    def ensure_open(self) -> None:
        if self.state.is_final:
            raise ShipmentEnded


class ShipmentLine(Row, table=True):
    """Units of a line in a shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        UniqueConstraint("shipment_id", "line_id"),
        Index("shipment_line_line_id_idx", "line_id"),
        APPEND_ONLY,
    )
    __privacy__ = of_others(none="quantity")

    shipment_id: UUID = foreign_key("shipment", index=False)
    line_id: UUID = foreign_key("order_line", index=False)
    quantity: int


class TrackingSource(StrEnum):
    """The side that sent a report."""

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


class ShipmentDraft(BaseModel, frozen=True):
    """Validated input of the carrier of a shipment."""

    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None

    @model_validator(mode="after")
    def ensure_carrier(self) -> Self:
        if self.tracking_number and not self.carrier:
            raise InvalidInput("Enter the carrier of the tracking number.", field=["carrier"])
        return self


class ShipmentPatch(BaseModel, frozen=True):
    """Values of a shipment that a request sets. None removes one."""

    carrier: Carrier | None = None
    tracking_number: TrackingNumber | None = None

    def over(self, shipment: Shipment) -> ShipmentDraft:
        """Return the values of a shipment after the change. Raises `InvalidInput`."""
        kept = {"carrier": shipment.carrier, "tracking_number": shipment.tracking_number}
        return ShipmentDraft(**(kept | self.model_dump(exclude_unset=True)))


class NewShipment(BaseModel, frozen=True):
    """Validated input of the units of a shipment."""

    lines: Annotated[list[UnitsOfLine], Range(min_length=1, max_length=MAX_LINES)]


class TrackingReport(BaseModel, frozen=True):
    """Validated input of a report. Its time is at most some minutes ahead: clocks differ."""

    state: ShipmentState
    at: AwareDatetime
    place: Place | None = None

    def ensure_between(self, placed_at: datetime, moment: datetime) -> None:
        if not placed_at <= self.at <= moment + CLOCK_DIFFERENCE:
            raise InvalidInput("Enter a time between the order and now.", field=["at"])


class CarrierReport(BaseModel):
    """Validated body of a carrier's webhook. Carriers may add what we do not know."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True)

    tracking_number: TrackingNumber
    state: ShipmentState
    at: AwareDatetime
    place: Place | None = None

    @property
    def event(self) -> TrackingReport:
        return TrackingReport(state=self.state, at=self.at, place=self.place)


class ShipmentEnded(Refusal):
    message = "This shipment has ended, so it cannot be changed. Reload the order."
    meaning = "The shipment is DELIVERED, RETURNED or LOST."
    remedy = "Refetch its `state`, and show only the actions that it allows."


class TrackingLimitReached(Refusal):
    message = "A shipment can have at most {most} reports."
    meaning = "The shipment has the maximum number of reports."
    remedy = "Show the reports that there are."


class TrackingNumberTaken(Refusal):
    message = "Another shipment has this tracking number. Check it."
    meaning = "The vendor has a shipment with the same carrier and tracking number."
    remedy = "Show `message` next to the tracking number."
    constraint = "shipment_tracking_number_key"


class ShipmentLimitReached(Refusal):
    message = "An order can have at most {most} shipments."
    meaning = "The sub-order has the maximum number of shipments."
    remedy = "Add the units to one shipment."
