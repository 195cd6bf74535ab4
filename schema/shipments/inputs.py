"""Arguments of mutations of shipments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field
from models import shipments as rows
from models.validation import parse

Carrier = Annotated[
    str | None,
    strawberry.argument(
        description=f"The name of the carrier: one line of at most {rows.MAX_CARRIER} characters."
        " Null if the vendor delivers it."
    ),
]
TrackingNumber = Annotated[
    str | None,
    strawberry.argument(
        description="The carrier's number of the parcel: at most"
        f" {rows.MAX_TRACKING_NUMBER} characters. Requires `carrier`."
    ),
]
EventState = Annotated[
    rows.ShipmentState,
    strawberry.argument(
        description="The reported state. A stage that is earlier than the shipment's is recorded,"
        " and does not change its state."
    ),
]
EventTime = Annotated[
    datetime,
    strawberry.argument(description="The time at which it was so, between the order and now."),
]
EventPlace = Annotated[
    str | None,
    strawberry.argument(description=f"The place: one line of at most {rows.MAX_PLACE} characters."),
]


@strawberry.input(
    description="Changes to a shipment. Omitted fields stay unchanged. Null removes the value; a"
    " tracking number requires a carrier."
)
class UpdateShipmentInput:
    shipment_id: UUID = id_field("Shipment", "The shipment's id.")
    carrier: str | None = strawberry.field(
        default=UNSET,
        description=f"The name of the carrier: one line of at most {rows.MAX_CARRIER} characters.",
    )
    tracking_number: str | None = strawberry.field(
        default=UNSET,
        description="The carrier's number of the parcel: at most"
        f" {rows.MAX_TRACKING_NUMBER} characters.",
    )

    def patch(self) -> rows.ShipmentPatch:
        values = {"carrier": self.carrier, "tracking_number": self.tracking_number}
        known = {name: value or None for name, value in values.items() if value is not UNSET}
        return parse(rows.ShipmentPatch, **known)


def draft_of(carrier: str | None, tracking_number: str | None) -> rows.ShipmentDraft:
    given = {"carrier": carrier, "tracking_number": tracking_number}
    return parse(rows.ShipmentDraft, **{name: one or None for name, one in given.items()})


def report_of(state: rows.ShipmentState, at: datetime, place: str | None) -> rows.TrackingReport:
    return parse(rows.TrackingReport, state=state, at=at, place=None if place is UNSET else place)
