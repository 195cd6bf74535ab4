"""Webhooks of payment providers: stored once, then applied by a job that fetches their object.

A webhook only names the object to look at: they come late, twice and out of order, and those of
Paystack prove nothing about time. What is applied is the newest state of the object.
"""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.observability import metrics
from core.statements.statement import Statement
from core.statements.units import UnitOfWork, connection_of
from gateways.payments.errors import ObjectNotFound
from gateways.payments.gateway import EventObject, PaymentGateway, PaymentGateways, ProviderEvent
from models.payments.events import (
    MAX_EVENT_ID,
    MAX_EVENT_KIND,
    MAX_OBJECT_REFERENCE,
    WebhookEvent,
    WebhookState,
)
from models.payments.payments import PaymentProvider
from services import jobs
from services.cleanup_tasks import delete_old_rows
from services.payments.events.rules import RULES
from services.transaction import OpenTransaction

KEPT_DAYS = 90
CAUGHT_UP_DAYS = 4  # longer than providers repeat their webhooks

INSERT = Statement(
    insert(WebhookEvent).on_conflict_do_nothing(index_elements=["provider", "event_id"])
)

log = structlog.get_logger(__name__)


async def receive_event(unit: UnitOfWork, provider: PaymentProvider, event: ProviderEvent) -> bool:
    """Store a webhook with the job that applies it. Returns whether it is new."""
    row = WebhookEvent(
        provider=provider,
        event_id=event.id[:MAX_EVENT_ID],
        kind=event.kind[:MAX_EVENT_KIND],
        about=event.about,
        object_reference=event.reference[:MAX_OBJECT_REFERENCE],
        account=event.account,
        sent_at=event.created_at,
    )
    if not await INSERT.execute(await connection_of(unit), **vars(row)):
        return False
    await jobs.defer(unit, "apply_payment_event", event_id=row.id)
    return True


async def apply_event(
    transaction: OpenTransaction, gateways: PaymentGateways, event_id: UUID
) -> None:
    """Apply a webhook that was received: fetch its object, and do what its domain does with it.

    Raises `NoAnswer`: the job runs again.
    """
    async with transaction() as session:
        rows = select(WebhookEvent).where(WebhookEvent.id == event_id)
        event = (await session.exec(rows)).first()
    if event is None or event.state is not WebhookState.RECEIVED:
        return
    rules = RULES.get(EventObject(event.about))
    found = None
    if rules is not None:
        try:
            found = await rules.fetch(gateways[event.provider], event)
        except ObjectNotFound:
            log.info("payments.event_object_gone", event_id=event.event_id)
    async with transaction() as session:
        state = WebhookState.IGNORED if rules is None else WebhookState.UNMATCHED
        if rules is not None and found is not None:
            state = await rules.apply(session, event, found)
            await session.flush()
        await _record(session, event, state)


async def _record(session: AsyncSession, event: WebhookEvent, state: WebhookState) -> None:
    rows = select(WebhookEvent).where(WebhookEvent.id == event.id)
    locked = (await session.exec(for_change(rows))).one()
    if locked.state is not WebhookState.RECEIVED:
        return
    locked.state, locked.applied_at = state, now()
    metrics.PAYMENT_EVENTS.labels(event.provider, state).inc()
    if state is WebhookState.UNMATCHED:
        log.error(
            "payments.event_unmatched",
            provider=event.provider,
            kind=event.kind,
            reference=event.object_reference,
        )


async def catch_up(
    transaction: OpenTransaction, provider: PaymentProvider, gateway: PaymentGateway
) -> int:
    """Store the webhooks of the last days that did not reach us. Returns how many there were."""
    missed = 0
    async for event in gateway.events(since=now() - timedelta(days=CAUGHT_UP_DAYS)):
        async with transaction() as session:
            missed += await receive_event(session, provider, event)
    if missed:
        log.warning("payments.events_missed", provider=provider, number=missed)
    return missed


CLEANUP = [
    delete_old_rows(
        """
        DELETE FROM webhook_event WHERE id IN (
            SELECT id FROM webhook_event
            WHERE created_at < :before AND state <> 'RECEIVED'
            ORDER BY created_at LIMIT :batch
        ) RETURNING event_id
        """,
        KEPT_DAYS,
    )
]
