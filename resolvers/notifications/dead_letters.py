"""What could not be delivered, for admins to look after."""

import strawberry

from core.errors import BadInput
from core.keyset import MOST, Window
from engine.arguments import After, Before, First, FirstOf, Last
from engine.connections import Connection
from engine.context import Info
from engine.errors import mutation
from engine.types import decode_id, field
from schema.notifications.deliveries import (
    DeadJob,
    Delivery,
    DropDeadLetterInput,
    DropDeadLetterPayload,
    RetryDeadLetterInput,
    RetryDeadLetterPayload,
)
from services.notifications import dead_letters


@strawberry.type
class DeliveryQuery:
    """Dead letters."""

    @field("Pushes and mails that were given up, the latest first. For admins.")
    async def dead_letters(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Delivery]:
        listed = dead_letters.list_dead_letters(info.context.viewer)
        return await Connection.fetch(info, *listed, Window(first, after, last, before))

    @field("Jobs of any kind that were given up, the latest first. For admins.")
    async def dead_jobs(self, info: Info, first: FirstOf = 20) -> list[DeadJob]:
        if not 0 <= first <= MOST:
            raise BadInput("A page must have between 0 and {most} entries.", most=MOST)
        async with info.context.read_session() as session:
            found = await dead_letters.list_dead_jobs(session, info.context.viewer, first)
        return [DeadJob.of(job) for job in found]


@strawberry.type
class DeliveryMutation:
    """Admins alone."""

    @mutation("Try to deliver a dead letter again, as often as the first time. For admins.")
    async def retry_dead_letter(
        self, info: Info, input: RetryDeadLetterInput
    ) -> RetryDeadLetterPayload:
        async with info.context.transaction() as session:
            delivery = await dead_letters.retry_dead_letter(
                session, info.context.viewer, delivery_id=decode_id(input.delivery_id, Delivery)
            )
        return RetryDeadLetterPayload(delivery=Delivery.of(delivery))

    @mutation("Let a dead letter be. For admins.")
    async def drop_dead_letter(
        self, info: Info, input: DropDeadLetterInput
    ) -> DropDeadLetterPayload:
        async with info.context.transaction() as session:
            delivery = await dead_letters.drop_dead_letter(
                session, info.context.viewer, delivery_id=decode_id(input.delivery_id, Delivery)
            )
        return DropDeadLetterPayload(delivery=Delivery.of(delivery))
