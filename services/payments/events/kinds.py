"""The rules of a domain for webhooks about its objects."""

from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from gateways.payments.gateway import PaymentGateway
from models.payments.events import WebhookEvent, WebhookState


class EventRules(Protocol):
    """The rules of a kind of object."""

    async def fetch(self, gateway: PaymentGateway, event: WebhookEvent) -> Any:
        """Return the object as it is now. Called without a transaction."""
        ...

    async def apply(self, session: AsyncSession, event: WebhookEvent, found: Any) -> WebhookState:
        """Follow the object, as for the answer of a call, and return the state of the webhook.

        UNMATCHED ones are about no row of ours.
        """
        ...
