"""Sale queues, the entries of users in them, and their inputs."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.events import event_by_id, visible_queue
from engine.ids import id_field, id_of
from engine.types import Rows, column, related
from models.events.selling import sale_queue as rows
from models.validation import parse
from schema.events.enums import QueueEntryState, SaleQueueState
from schema.events.inputs import IDEMPOTENCY_KEY
from schema.events.types import Event
from services.events.sale_queue.admission import EventAdmission, PlaceInQueue

SaleQueueId = Annotated[UUID, id_of("SaleQueue", "The queue's id.")]
MAX_DRAW_KEYS = 1_000
PER_MINUTE = f"How many to call in a minute, at most {rows.MAX_PER_MINUTE}."
MOST_ACTIVE = f"How many can choose tickets at a time, at most {rows.MAX_ACTIVE}."


@strawberry.type(
    description="The queue of an event's sale. Numbers are drawn by a seed: its hash is public"
    " before anybody joins and the seed after the draw, so that all can check it. Visible to"
    " everyone who can see the event."
)
class SaleQueue(Rows[rows.SaleQueue], relay.Node, access=visible_queue):
    id: relay.NodeID[UUID]
    state: SaleQueueState = column("The state.")
    prequeue_at: datetime = column("The time from which users can join.")
    sale_opens_at: datetime = column(
        "The time of the draw, at which the sale opens.", of="opens_at"
    )
    drawn_at: datetime | None = column("The time at which the draw was made. Null before.")
    drawn_count: int = column("The number of users in the draw. Later ones come after them.")
    seed_hash: str = column(
        "The SHA-256 of the seed, in hexadecimal digits.", of="seed_hash_hex", needs=("seed_hash",)
    )
    seed: str | None = column(
        "The seed of the draw, in hexadecimal digits. Null before the draw.",
        of="revealed_seed_hex",
        needs=("seed", "drawn_at"),
    )
    serving: int = column("Users with a number up to this one can enter.")
    waiting: int = column(
        "The number of users that come after it.", needs=("serving", "last_number")
    )
    pace: int = column("How many are called in a minute at present.")
    paused: bool = column("Whether the calls are stopped for now.", needs=("paused_at",))
    event: Event = related(event_by_id, by="event_id", description="The event.")


@strawberry.type(description="The viewer's place in a queue.")
class SaleQueueEntry:
    state: QueueEntryState = strawberry.field(description="The state.")
    number: int | None = strawberry.field(
        description="The number in the queue. Null before the draw, or for a second."
    )
    ahead: int | None = strawberry.field(
        description="How many come before the viewer. Null without a number."
    )
    joined_at: datetime = strawberry.field(description="The time at which the viewer joined.")
    turn_ends_at: datetime | None = strawberry.field(
        description="The time by which to enter, or to hold tickets. Null before the turn."
    )
    draw_key: str | None = strawberry.field(
        description="The key by which the draw has ordered the viewer, in hexadecimal digits. Null"
        " before it."
    )
    sale_queue: SaleQueue = strawberry.field(description="The queue.")

    @classmethod
    def of(cls, place: PlaceInQueue) -> "SaleQueueEntry":
        entry, queue = place.entry, place.queue
        seed = queue.revealed_seed
        return cls(
            state=entry.state,
            number=entry.number,
            ahead=entry.ahead(queue.serving),
            joined_at=entry.joined_at,
            turn_ends_at=entry.turn_ends_at(queue) if entry.seen_at else None,
            draw_key=rows.draw_key(seed, entry.user_id).hex() if seed else None,
            sale_queue=SaleQueue.wrap(queue),
        )


@strawberry.type(description="The proof that the viewer can hold tickets of an event.")
class SaleAdmission:
    token: str = strawberry.field(description="The `admission` for `holdTickets`.")
    expires_at: datetime = strawberry.field(description="The time at which it ends.")
    entry: SaleQueueEntry = strawberry.field(description="The viewer's place in the queue.")

    @classmethod
    def of(cls, admission: EventAdmission) -> "SaleAdmission":
        return cls(
            token=admission.token,
            expires_at=admission.expires_at,
            entry=SaleQueueEntry.of(admission.place),
        )


@strawberry.input(description="A queue for the sale of an event.")
class CreateSaleQueueInput:
    event_id: UUID = id_field("Event", "The event's id.")
    prequeue_at: datetime = column("The time from which users can join.")
    opens_at: datetime = column("The time of the draw, at which the sale opens.")
    idempotency_key: str = column(IDEMPOTENCY_KEY)
    per_minute: int = strawberry.field(default=600, description=PER_MINUTE)
    most_active: int = strawberry.field(default=500, description=MOST_ACTIVE)
    admission_minutes: int = strawberry.field(
        default=rows.ADMISSION_MINUTES,
        description="The minutes that a user has to hold tickets, at most 60.",
    )


def queue_draft(input: CreateSaleQueueInput) -> rows.SaleQueueDraft:
    return parse(
        rows.SaleQueueDraft,
        prequeue_at=input.prequeue_at,
        opens_at=input.opens_at,
        per_minute=input.per_minute,
        most_active=input.most_active,
        admission_minutes=input.admission_minutes,
    )
