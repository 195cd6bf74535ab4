"""Inputs of the dates of events, and of their quotas."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry import UNSET

from engine.ids import id_field, ids_field
from engine.scalars import LocalDateTime, TimeZone
from engine.types import column
from models.events.dates import MAX_DATES_AT_ONCE
from models.events.drafts import QuotaDraft, QuotaPatch
from models.events.series import DateLength, DatesDraft
from models.validation import parse
from schema.events.enums import SeriesUnit
from schema.events.inputs import IDEMPOTENCY_KEY


@strawberry.input(description="A series of times at a place.")
class DateRuleInput:
    first: LocalDateTime = column("The first time.")
    unit: SeriesUnit = column("The unit.")
    count: int = column(f"The number of dates, at most {MAX_DATES_AT_ONCE}.")
    every: int = strawberry.field(default=1, description="Every so many units, from 1 to 52.")
    weekdays: list[int] | None = strawberry.field(
        default=None,
        description="The weekdays of a WEEKLY series, 1 for Monday to 7. Defaults to that of"
        " `first`.",
    )


@strawberry.input(description="A quota of each new date.")
class DateQuotaInput:
    name: str = column("The name, at most 80 characters, unique for the date.")
    capacity: int = column("The number of tickets, at most 1,000,000.")
    ticket_type_ids: list[UUID] = ids_field(
        "TicketType", "The ids of the ticket types that are sold out of it, at most 100."
    )


@strawberry.input(description="New dates of an event: `starts` or a `rule`, all or none.")
class AddEventDatesInput:
    event_id: UUID = id_field("Event", "The event's id.")
    minutes: int = column("The length of each date in minutes, at most 31 days.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    starts: list[LocalDateTime] | None = strawberry.field(
        default=None, description=f"The starts at the place, at most {MAX_DATES_AT_ONCE}."
    )
    rule: DateRuleInput | None = strawberry.field(default=None, description="A series of starts.")
    venue_id: UUID | None = id_field(
        "Venue",
        "The venue's id. Without it, the dates have no place, such as online.",
        default=None,
    )
    chart_id: UUID | None = id_field(
        "Chart", "The id of a published chart of the venue, for seats.", default=None
    )
    time_zone: TimeZone | None = strawberry.field(
        default=None,
        description="The time zone of dates without a venue. Defaults to the vendor's.",
    )
    doors_minutes: int | None = strawberry.field(
        default=None, description="The minutes before the start at which the doors open."
    )
    sale_starts_at: datetime | None = strawberry.field(
        default=None, description="The time from which tickets are sold. Defaults to now."
    )
    sale_ends_minutes: int | None = strawberry.field(
        default=None,
        description="The minutes before the start at which the sale ends. Defaults to the end of"
        " the date.",
    )
    quotas: list[DateQuotaInput] | None = strawberry.field(
        default=None, description="The quotas of each date, at most 10."
    )


@strawberry.input(description="Another time of a date.")
class MoveEventDateInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    revision: int = column("The revision of the date that the user has seen.")
    local_start: LocalDateTime = column("The new start at its place.")
    minutes: int | None = strawberry.field(
        default=None,
        description="The new length in minutes, at most 31 days. Defaults to the present one.",
    )


@strawberry.input(description="A new quota of a date.")
class CreateQuotaInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    name: str = column("The name, at most 80 characters, unique for the date.")
    capacity: int = column("The number of tickets, at most 1,000,000.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    ticket_type_ids: list[UUID] = ids_field(
        "TicketType", "The ids of the ticket types that are sold out of it, at most 100."
    )


@strawberry.input(
    description="Changes to a quota. Omitted fields stay unchanged, and none can be null."
)
class UpdateQuotaInput:
    quota_id: UUID = id_field("TicketQuota", "The quota's id.")
    name: str | None = strawberry.field(default=UNSET, description="The new name.")
    capacity: int | None = strawberry.field(
        default=UNSET, description="The new number, at least the tickets that are taken."
    )
    ticket_type_ids: list[UUID] | None = ids_field(
        "TicketType", "Replaces the ticket types that are sold out of it.", default=UNSET
    )


def dates_draft(input: AddEventDatesInput) -> DatesDraft:
    values: dict[str, Any] = {
        name: value
        for name in DatesDraft.model_fields
        if (value := getattr(input, name)) is not None
    }
    if input.rule is not None:
        given = {name: value for name, value in vars(input.rule).items() if value is not None}
        values["rule"] = given
    values["quotas"] = [vars(one) for one in input.quotas or []]
    return parse(DatesDraft, **values)


def date_length(input: MoveEventDateInput) -> DateLength:
    return parse(DateLength, minutes=input.minutes)


def quota_draft(input: CreateQuotaInput) -> QuotaDraft:
    return parse(QuotaDraft, **{name: getattr(input, name) for name in QuotaDraft.model_fields})


def quota_patch(input: UpdateQuotaInput) -> QuotaPatch:
    values = {name: getattr(input, name) for name in QuotaPatch.model_fields}
    return parse(QuotaPatch, **{name: one for name, one in values.items() if one is not UNSET})
