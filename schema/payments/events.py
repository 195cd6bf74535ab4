"""Webhooks of payment providers."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry import relay

from dataloaders.payments import visible_event
from engine.types import Rows, column, optional
from models.payments import events as rows
from schema.orders.enums import PaymentProvider
from schema.payments.enums import WebhookState
from services.payments.events.received import EventFilter


@strawberry.type(
    description="A webhook of a payment provider: a notice that an object has changed, whose newest"
    " state is fetched. Visible to admins."
)
class WebhookEvent(Rows[rows.WebhookEvent], relay.Node, access=visible_event):
    id: relay.NodeID[UUID]
    payment_provider: PaymentProvider = column("The provider.", of="provider")
    event_id: str = column("The provider's id of the notice.")
    event_kind: str = column("The provider's name of what happened.", of="kind")
    object_reference: str = column("The provider's id of the object.")
    webhook_state: WebhookState = column("The state of the webhook.", of="state")
    sent_at: datetime = column("The time at which it happened, by the provider's clock.")
    received_at: datetime = column("The time at which it was received.", of="created_at")
    applied_at: datetime | None = column("The time at which it was applied. Null before.")


@strawberry.input(description="Conditions of a list of webhooks. All must hold.")
class WebhookEventWhere:
    payment_providers: list[PaymentProvider] | None = optional("Of one of these providers.")
    webhook_states: list[WebhookState] | None = optional("In one of these states.")
    object_reference: str | None = optional("About this object of a provider.")


def event_filter(where: WebhookEventWhere | None) -> EventFilter:
    given = where or WebhookEventWhere()
    return EventFilter(given.payment_providers, given.webhook_states, given.object_reference)
