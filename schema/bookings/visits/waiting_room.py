"""Waiting rooms, and the displays that show them."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.booked import visible_display
from dataloaders.vendors import vendor_by_id
from engine.errors.conversion import Payload
from engine.scalars import LocalDateTime
from engine.types import Rows, column, related
from models.bookings.visits import displays
from schema.bookings.visits.enums import ArrivalState
from schema.lazy import LazyVendor
from services.bookings.agenda import waiting_room


@strawberry.type(description="A customer in a waiting room, without their name and their service.")
class Visitor:
    code: str = column("The `visitCode` of the booking.")
    initial: str | None = column("The first letter of the name. Null if none is known.")
    arrival: ArrivalState = column("WAITING, LATE or EXPECTED.")
    starts_at: datetime = column("The start of the visit.")
    local_start: LocalDateTime = column("The start as clocks at the place show it.")
    room: str | None = column("The room to go to. Null if the service needs none.")


@strawberry.type(
    description="The customers of a vendor who wait, are late, or are expected in the next two"
    " hours."
)
class WaitingRoom:
    vendor_name: str = column("The vendor's name.")
    read_at: datetime = column("The time at which it was read. Read it again after five seconds.")
    visitors: list[Visitor] = column(
        "Those who wait first, then the others by their start, at most"
        f" {waiting_room.MAX_VISITORS}."
    )


@strawberry.type(
    description="A screen of a vendor that shows its waiting room by a key. Visible to the vendor's"
    " members with the STAFF role or higher, and admins, without the key."
)
class WaitingRoomDisplay(Rows[displays.WaitingRoomDisplay], relay.Node, access=visible_display):
    id: relay.NodeID[UUID]
    name: str = column("The name.")
    created_at: datetime = column("The time at which it was created.")
    revoked_at: datetime | None = column("The time at which it was revoked. Null if it was not.")
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )


@strawberry.type(description="The result of `createDisplay`.")
class CreateDisplayPayload(Payload):
    display: WaitingRoomDisplay | None = strawberry.field(
        default=None, description="The display. Null on error."
    )
    key: str | None = strawberry.field(
        default=None,
        description="The key with which the display reads `waitingRoom`. It is shown this once."
        " Null on error.",
    )
