"""Webhooks of payment providers, for admins."""

from typing import Annotated, Any
from uuid import UUID

import strawberry

from core.keyset import Listing
from engine.connections import Connection, connection
from engine.context import Info
from engine.ids import id_of
from engine.mutation import mutation
from models.audit import AuditAct
from models.errors import NotFound
from models.payments import events as rows
from schema.payments.events import WebhookEvent, WebhookEventWhere, event_filter
from services.payments.events import received

Where = Annotated[WebhookEventWhere | None, strawberry.argument(description="Filters the list.")]
EventId = Annotated[UUID, id_of("WebhookEvent", "The webhook's id.")]


@strawberry.type
class WebhookEventQuery:
    @connection(
        Connection[WebhookEvent],
        "Webhooks of payment providers, newest first. Visible to admins.",
        for_admins=True,
    )
    def webhook_events(self, info: Info, where: Where = None) -> Listing[Any]:
        return received.list_events(info.context.viewer, event_filter(where))


@strawberry.type
class WebhookEventMutation:
    @mutation(
        for_admins=True,
        webhook=WebhookEvent,
        audit=AuditAct.REPLAY_WEBHOOK,
        raises=(NotFound,),
        repeatable="applies the newest state of the object",
    )
    async def replay_webhook(self, info: Info, webhook_event_id: EventId) -> rows.WebhookEvent:
        """Fetch the object of a webhook again, and follow its state. Only admins can do this."""
        async with info.context.transaction() as session:
            return await received.replay_webhook(
                session, info.context.viewer, event_id=webhook_event_id
            )
