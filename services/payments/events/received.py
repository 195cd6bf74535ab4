"""Webhooks of payment providers that were received, for admins."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import false
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, newest_first
from models.audit import AuditAct
from models.errors import NotFound
from models.payments.events import WebhookEvent, WebhookState
from models.payments.payments import PaymentProvider
from services import jobs
from services.audit import entries as audit
from services.viewer import Viewer


@dataclass(frozen=True)
class EventFilter:
    """Conditions of a list of webhooks, None for all."""

    providers: Collection[PaymentProvider] | None = None
    states: Collection[WebhookState] | None = None
    object_reference: str | None = None


def visible_events(viewer: Viewer) -> SelectOfScalar[WebhookEvent]:
    """Select the webhooks, for admins."""
    rows = select(WebhookEvent)
    return rows if viewer.admin else rows.where(false())


def list_events(viewer: Viewer, wanted: EventFilter) -> Listing[WebhookEvent]:
    """List the webhooks of providers, the newest first. For admins."""
    viewer.require_admin()
    rows = select(WebhookEvent)
    if wanted.providers is not None:
        rows = rows.where(col(WebhookEvent.provider).in_(wanted.providers))
    if wanted.states is not None:
        rows = rows.where(col(WebhookEvent.state).in_(wanted.states))
    if wanted.object_reference is not None:
        rows = rows.where(WebhookEvent.object_reference == wanted.object_reference)
    return Listing(rows, newest_first(WebhookEvent))


async def replay_webhook(session: AsyncSession, viewer: Viewer, *, event_id: UUID) -> WebhookEvent:
    """Apply a webhook once more: the newest state of its object. Raises `NotFound`."""
    viewer.require_admin()
    rows = select(WebhookEvent).where(WebhookEvent.id == event_id)
    event = (await session.exec(for_change(rows))).first()
    if event is None:
        raise NotFound
    event.state, event.applied_at = WebhookState.RECEIVED, None
    await jobs.defer(session, "apply_payment_event", event_id=event.id)
    audit.append(session, viewer, AuditAct.REPLAY_WEBHOOK, subject_id=event.id)
    return event
