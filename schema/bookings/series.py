"""Series of bookings, and their inputs."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.bookings.booked import bookings_of_series, visible_booking_series
from dataloaders.bookings.services import service_by_id
from dataloaders.vendors import vendor_by_id
from engine.ids import id_field
from engine.scalars import LocalDateTime
from engine.types import Rows, column, field, optional, related
from models.bookings import series as rows
from models.validation import parse
from schema.bookings.booking_enums import OnConflict
from schema.bookings.bookings import Booking
from schema.events.date_inputs import DateRuleInput
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.lazy import LazyService, LazyVendor

SeriesRoot = strawberry.Parent[rows.BookingSeries]
OccurrenceRoot = strawberry.Parent[rows.Occurrence]


@strawberry.type(description="A time of a series, as it was when the series was booked.")
class SeriesOccurrence:
    number: int = column("Its number, from 0. `Booking.seriesNumber` is that of its booking.")
    starts_at: datetime | None = column("The start. Null if clocks skip it.")
    problem: str | None = column(
        "The code of why it could not be booked, such as SLOT_TAKEN. Null if it was."
    )
    nearest: datetime | None = column(
        "The nearest time of the same day, if the series was to propose one and there is one."
    )

    @field("The time at the place.", needs=("local",))
    def local_start(root: OccurrenceRoot) -> LocalDateTime:
        return LocalDateTime(datetime.fromisoformat(root.local))


@strawberry.type(
    description="Bookings that were made together, by a rule. Visible to their user, to the"
    " vendor's members with the STAFF role or higher, and admins."
)
class BookingSeries(Rows[rows.BookingSeries], relay.Node, access=visible_booking_series):
    id: relay.NodeID[UUID]
    count: int = column("The number of times.")
    on_conflict: OnConflict = column("The treatment of times that could not be booked.")
    bookings: list[Booking] = related(
        bookings_of_series,
        by="id",
        description=f"Its bookings by number, also cancelled ones: at most {rows.MAX_OCCURRENCES}.",
        size=12,
    )
    service: LazyService = related(
        service_by_id,
        by="service_id",
        description="The service.",
    )
    vendor: LazyVendor = related(
        vendor_by_id,
        by="vendor_id",
        description="The vendor.",
    )

    @field("The times of the rule, booked or not.", needs=("occurrences",))
    def occurrences(root: SeriesRoot) -> list[SeriesOccurrence]:
        found: list[Any] = root.times
        return found


@strawberry.input(description="A service to book at the same time on several days.")
class BookSeriesInput:
    service_id: UUID = id_field("Service", "The service's id.")
    rule: DateRuleInput = column(
        f"The times at the place, from {rows.MIN_OCCURRENCES} to {rows.MAX_OCCURRENCES}."
    )
    on_conflict: OnConflict = column("The treatment of times that cannot be booked.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    staff_id: UUID | None = id_field(
        "Resource", "The staff who do it. Defaults to anybody who is free, each time.", default=None
    )
    pet_id: UUID | None = id_field("Pet", "The user's pet that it is for.", default=None)
    note: str | None = optional("A text to the vendor, at most 1,000 characters.")

    def draft(self) -> rows.SeriesDraft:
        rule = self.rule
        return parse(
            rows.SeriesDraft,
            service_id=self.service_id,
            rule={
                "first": rule.first,
                "unit": rule.unit,
                "every": rule.every,
                "weekdays": rule.weekdays or [],
                "count": rule.count,
            },
            on_conflict=self.on_conflict,
            staff_id=self.staff_id,
            pet_id=self.pet_id,
            note=self.note,
        )


@strawberry.input(description="A time for an occurrence of a series that has no booking.")
class BookOccurrenceInput:
    series_id: UUID = id_field("BookingSeries", "The series's id.")
    number: int = column("The number of the occurrence.")
    starts_at: datetime = column("The start, one of `slots`.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)

    def draft(self) -> rows.OccurrenceDraft:
        return parse(rows.OccurrenceDraft, number=self.number, starts_at=self.starts_at)


@strawberry.input(description="The rest of a series to cancel.")
class CancelSeriesInput:
    series_id: UUID = id_field("BookingSeries", "The series's id.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    from_number: int = strawberry.field(
        default=0, description="The number of the first occurrence to cancel."
    )
    reason: str | None = optional("Why, at most 500 characters. The other party reads it.")

    def draft(self) -> rows.SeriesCancelDraft:
        return parse(rows.SeriesCancelDraft, from_number=self.from_number, reason=self.reason)
