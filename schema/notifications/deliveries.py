"""How notifications reach those who aren't looking, and which have not."""

from datetime import datetime
from typing import Self, cast
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.notifications import notification_by_id
from engine.errors import Payload
from engine.scalars import BigInt
from engine.types import Rows, column, related
from models.notifications import deliveries as rows
from schema.notifications.enums import Channel, DeliveryState, SkipReason
from schema.notifications.inbox import Notification
from services.notifications.dead_letters import DeadJob as DeadJobRow


@strawberry.type(description="A notification on its way to one address. For admins alone.")
class Delivery(Rows[rows.Delivery], relay.Node):
    """What failed for good is a dead letter."""

    id: relay.NodeID[UUID]
    channel: Channel = column("How it is told.")
    state: DeliveryState = column("What has become of it.")
    skip_reason: SkipReason | None = column("Why it was not sent after all.")
    attempts: int = column("How often it was tried since it was last put on its way.")
    error: str | None = column("What went wrong last.")
    created_at: datetime = column("When it was put on its way.")
    due_at: datetime = column("When it may be tried next, while it waits.")
    completed_at: datetime | None = column("When it was sent, skipped or given up.")
    provider_id: str | None = column("What the provider calls it.")
    notification: Notification = related(
        notification_by_id, by="notification_id", description="What it tells."
    )


@strawberry.type(description="A job of any kind that was given up. For admins alone.")
class DeadJob:
    """What went wrong is in the worker's log, under its number."""

    number: BigInt = column("Its number in the queue, which the worker's log has too.")
    task: str = column("What was to be done.")
    attempts: int = column("How often it was tried again.")
    given_up_at: datetime | None = column("When it was given up.")

    @classmethod
    def of(cls, job: DeadJobRow) -> Self:
        """The job itself, under the name of its GraphQL type."""
        return cast("Self", job)


@strawberry.input(description="Which dead letter.")
class RetryDeadLetterInput:
    """What `retryDeadLetter` takes."""

    delivery_id: relay.GlobalID = column("One that has been given up.")


@strawberry.input(description="Which dead letter.")
class DropDeadLetterInput:
    """What `dropDeadLetter` takes."""

    delivery_id: relay.GlobalID = column("One that has been given up.")


@strawberry.type(description="The delivery, which is on its way again.")
class RetryDeadLetterPayload(Payload):
    """What `retryDeadLetter` answers."""

    delivery: Delivery | None = strawberry.field(default=None, description="As it is now.")


@strawberry.type(description="The delivery, which nobody will try again.")
class DropDeadLetterPayload(Payload):
    """What `dropDeadLetter` answers."""

    delivery: Delivery | None = strawberry.field(default=None, description="As it is now.")
