"""Deliveries of notifications by push and email, and jobs that failed."""

from datetime import datetime
from typing import Annotated, Self, cast
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.notifications import notification_by_id, visible_delivery
from engine.ids import id_of
from engine.scalars import BigInt
from engine.types import Rows, column, related
from models.notifications import deliveries as rows
from schema.notifications.enums import Channel, DeliveryState, SkipReason
from schema.notifications.inbox import Notification
from services.notifications.dead_letters import DeadJob as DeadJobRow

DeadLetterId = Annotated[UUID, id_of("Delivery", "The id of a delivery that is FAILED.")]


@strawberry.type(
    description="The delivery of a notification to one address. A FAILED one is a dead letter."
    " Visible to admins."
)
class Delivery(Rows[rows.Delivery], relay.Node, access=visible_delivery):
    id: relay.NodeID[UUID]
    channel: Channel = column("The channel.")
    state: DeliveryState = column("The state of the delivery.")
    skip_reason: SkipReason | None = column("The reason why it was not sent, if it is SKIPPED.")
    attempts: int = column("The number of attempts since it was last scheduled.")
    error: str | None = column("The last error.")
    created_at: datetime = column("The time at which the delivery was scheduled.")
    due_at: datetime = column("The earliest time of the next attempt.")
    completed_at: datetime | None = column("The time at which it was sent, skipped or given up.")
    provider_id: str | None = column("The provider's id of the message.")
    notification: Notification = related(
        notification_by_id, by="notification_id", description="The notification."
    )


@strawberry.type(
    description="A background job that failed for good. The worker's log has the error. Visible to"
    " admins."
)
class DeadJob:
    number: BigInt = column("The job's number in the queue and in the worker's log.")
    task: str = column("The name of the task.")
    attempts: int = column("The number of retries.")
    given_up_at: datetime | None = column("The time at which the job was given up.")

    @classmethod
    def wrap(cls, job: DeadJobRow) -> Self:
        """Return the job itself, typed as its GraphQL type."""
        return cast("Self", job)
