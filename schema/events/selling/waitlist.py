"""Entries of waitlists and their inputs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import (
    blocking_of_entry,
    date_by_id,
    sold_types_of_date,
    visible_entry,
)
from dataloaders.identity import visible_user
from engine.ids import id_field, id_of, ids_field
from engine.types import Rows, column, loaded, related
from models.events.seats.chart_drafts import MAX_CATEGORIES
from models.events.selling import waitlist as rows
from models.events.selling.availability import SoldType
from models.validation import parse
from schema.events.enums import Together, WaitlistState
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.seats.charts import PriceCategory
from schema.events.ticket_types import TicketQuota, TicketType
from schema.events.types import EventDate
from schema.lazy import LazyUser

WaitlistEntryId = Annotated[UUID, id_of("WaitlistEntry", "The entry's id.")]
EntryRoot = strawberry.Parent[rows.WaitlistEntry]


@strawberry.type(
    description="A user who waits for tickets of a date. Visible to the user, to the vendor's"
    " members with the STAFF role or higher, and admins."
)
class WaitlistEntry(Rows[rows.WaitlistEntry], relay.Node, access=visible_entry):
    id: relay.NodeID[UUID]
    state: WaitlistState = column("The state.")
    least: int = column("The fewest tickets that the user takes.")
    most: int = column("The most tickets that the user takes.")
    together: Together = column("How close their seats must be.")
    accessible: int = column("How many of them must be accessible seats.")
    skips: int = column(
        f"How often a smaller entry was served before it. After {rows.MAX_SKIPS} it lets none pass"
        f" for {rows.BLOCK_HOURS} hours."
    )
    unanswered: int = column(
        f"How often tickets held for it were not ordered. It lapses at {rows.MAX_UNANSWERED}."
    )
    created_at: datetime = column("The time at which the user joined.")
    ended_at: datetime | None = column("The time of its end. Null while it is WAITING or HOLDING.")
    event_date: EventDate = related(date_by_id, by="event_date_id", description="The date.")
    customer: LazyUser | None = related(
        visible_user,
        by="user_id",
        description="The user. Null unless the viewer sees this user.",
    )

    @loaded(
        sold_types_of_date,
        by="event_date_id",
        description="The accepted ticket types that the date has, the preferred one first. At most"
        f" {rows.MAX_ACCEPTED_TYPES}.",
        needs=("event_date_id", "type_ids"),
        size=3,
    )
    def ticket_types(root: EntryRoot, sold: Sequence[SoldType]) -> list[TicketType]:
        types = {one.id: one.row for one in sold}
        return [TicketType.wrap(types[id]) for id in root.preferred(types)]

    @loaded(
        sold_types_of_date,
        by="event_date_id",
        description="The quotas with too little room for the fewest tickets, while it is WAITING."
        " Empty for all but the vendor's members with the STAFF role or higher, and admins.",
        needs=("event_date_id", "state", "type_ids", "least"),
        size=3,
    )
    def blocked_by(root: EntryRoot, sold: Sequence[SoldType]) -> list[TicketQuota]:
        return [TicketQuota.wrap(quota) for quota in root.blocking(sold)]

    blocked_by_seats: list[PriceCategory] = related(
        blocking_of_entry,
        by="id",
        description="The price categories with too few free seats for it, as close as it wants"
        " them, while it is WAITING. Empty for all but the vendor's members with the STAFF role or"
        f" higher, and admins. At most {MAX_CATEGORIES}.",
        size=3,
    )


@strawberry.input(description="A wish for tickets of a date that is sold out.")
class JoinWaitlistInput:
    event_date_id: UUID = id_field("EventDate", "The date's id.")
    most: int = column(f"The most tickets to take, at most {rows.MAX_WAITLIST_TICKETS}.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    least: int = strawberry.field(default=1, description="The fewest tickets to take.")
    ticket_type_ids: list[UUID] | None = ids_field(
        "TicketType",
        "The ticket types to accept, the preferred one first. Without any, all that need no code."
        f" At most {rows.MAX_ACCEPTED_TYPES}.",
        default=None,
    )
    together: Together = strawberry.field(
        default=Together.ANY, description="How close seats must be."
    )
    accessible: int = strawberry.field(
        default=0, description="How many tickets must be for accessible seats."
    )


def waitlist_draft(input: JoinWaitlistInput) -> rows.WaitlistDraft:
    return parse(
        rows.WaitlistDraft,
        type_ids=input.ticket_type_ids or [],
        least=input.least,
        most=input.most,
        together=input.together,
        accessible=input.accessible,
    )
