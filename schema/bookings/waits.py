"""Waits for times of services, and their inputs."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.services import service_by_id, visible_resource
from dataloaders.bookings.waits import booking_of_wait, visible_wait
from dataloaders.identity import visible_user
from dataloaders.pets import visible_pet
from dataloaders.vendors import vendor_by_id
from engine.ids import id_field, id_of
from engine.types import Rows, column, field, loaded, optional, related
from models.bookings import bookings, waits
from models.validation import parse
from models.vendors.hours import clock_time
from schema.bookings.bookings import Booking
from schema.bookings.enums import BookingWaitState
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import LazyPet, LazyResource, LazyService, LazyUser, LazyVendor
from services.bookings.waiting.access import BookingWaitFilter

BookingWaitId = Annotated[UUID, id_of("BookingWait", "The wait's id.")]
WaitRoot = strawberry.Parent[waits.BookingWait]


@strawberry.type(
    description="A user who waits for a time of a service. Visible to the user, to the vendor's"
    " members with the STAFF role or higher, and admins."
)
class BookingWait(Rows[waits.BookingWait], relay.Node, access=visible_wait):
    id: relay.NodeID[UUID]
    state: BookingWaitState = column("The state.")
    from_day: date = column("The first day that the user wants, where the vendor is.")
    until_day: date = column("The last day.")
    lapses: int = column(
        f"How often a time that was held for it was not booked. It lapses at {waits.MAX_LAPSES}."
    )
    created_at: datetime = column("The time at which the user joined.")
    ended_at: datetime | None = column("The time of its end. Null while it is WAITING or HOLDING.")
    vendor: LazyVendor = related(vendor_by_id, by="vendor_id", description="The vendor.")
    service: LazyService = related(service_by_id, by="service_id", description="The service.")
    staff: LazyResource | None = related(
        visible_resource,
        by="staff_id",
        description="The staff who must do it. Null if it can be anybody.",
    )
    pet: LazyPet | None = related(
        visible_pet,
        by="pet_id",
        description="The pet that it is for. Null unless the viewer sees the pet.",
    )
    customer: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The user. Null unless the viewer sees this user.",
    )

    @field(
        "The days of the week that the user wants, from 1 for Monday to 7 for Sunday.",
        needs=("weekdays",),
        size=7,
    )
    def weekdays(root: WaitRoot) -> list[int]:
        return root.weekday_numbers

    @field("The time of a day from which the user wants a start.", needs=("day_from",))
    def day_from(root: WaitRoot) -> time:
        return clock_time(root.day_from)

    @field(
        "The time of a day before which it starts. 00:00 is the end of the day.",
        needs=("day_until",),
    )
    def day_until(root: WaitRoot) -> time:
        return clock_time(root.day_until)

    @loaded(
        booking_of_wait,
        by="id",
        description="The time that is held for it, or the booking that it became. Null if there is"
        " none.",
    )
    def booking(root: WaitRoot, found: Sequence[bookings.Booking]) -> Booking | None:
        return Booking.wrap_optional(found[0] if found else None)


@strawberry.input(description="A wish for a time of a service.")
class JoinBookingWaitlistInput:
    service_id: UUID = id_field("Service", "The service's id.")
    from_day: date = column("The first day, where the vendor is.")
    until_day: date = column(f"The last day, at most {waits.MAX_WAIT_DAYS} days later.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    staff_id: UUID | None = id_field(
        "Resource", "The staff who must do it. Defaults to anybody.", default=None
    )
    pet_id: UUID | None = id_field(
        "Pet", "The user's pet that it is for, if the service is for pets.", default=None
    )
    weekdays: list[int] | None = optional(
        "The days of the week, from 1 for Monday to 7 for Sunday. Defaults to all."
    )
    day_from: time | None = optional(
        "The time of a day from which it starts, in whole minutes. Defaults to 00:00."
    )
    day_until: time | None = optional(
        "The time of a day before which it starts. 00:00, the default, is the end of the day."
    )

    def draft(self) -> waits.BookingWaitDraft:
        given = {
            name: value
            for name in ("weekdays", "day_from", "day_until")
            if (value := getattr(self, name)) is not None
        }
        return parse(
            waits.BookingWaitDraft,
            service_id=self.service_id,
            staff_id=self.staff_id,
            pet_id=self.pet_id,
            from_day=self.from_day,
            until_day=self.until_day,
            **given,
        )


@strawberry.input(description="Conditions on waits; all that are given must hold.")
class BookingWaitWhere:
    states: list[BookingWaitState] | None = optional("Have one of these states.")
    service_id: UUID | None = id_field("Service", "Wait for this service.", default=None)


def wait_filter(where: BookingWaitWhere | None) -> BookingWaitFilter:
    if where is None:
        return BookingWaitFilter()
    return BookingWaitFilter(where.states, where.service_id)


@strawberry.type(description="A change of a wait.")
class BookingWaitChange:
    cursor: str = strawberry.field(description="The cursor to resume after this change.")
    booking_wait: BookingWait | None = strawberry.field(
        default=None, description="The wait as it is now. Null if there is only a newer cursor."
    )
