"""Disputes that are open: asked for at their providers, in case a webhook event was lost."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel import col, select

from core.clock import now
from core.database import for_change
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import PaymentGateways
from models.payments.disputes import OPEN_STATES, Dispute
from services.disputes.applying import apply_dispute
from services.transaction import OpenTransaction

BATCH_SIZE = 100
WAIT = timedelta(hours=1)

log = structlog.get_logger(__name__)


async def poll_disputes(transaction: OpenTransaction, gateways: PaymentGateways) -> bool:
    """Ask for a batch of disputes that are open. Returns whether there may be more."""
    rows = select(Dispute.id).where(
        col(Dispute.dispute_state).in_(OPEN_STATES),
        col(Dispute.provider).in_(list(gateways)),
        col(Dispute.checked_at) <= now() - WAIT,
    )
    async with transaction() as session:
        found = await session.exec(rows.order_by(col(Dispute.checked_at)).limit(BATCH_SIZE))
        ids = found.all()
    for dispute_id in ids:
        await poll_dispute(transaction, gateways, dispute_id)
    return len(ids) == BATCH_SIZE


async def poll_dispute(
    transaction: OpenTransaction, gateways: PaymentGateways, dispute_id: UUID
) -> None:
    """Ask for one dispute, and apply it by the function that webhooks use too."""
    async with transaction() as session:
        rows = select(Dispute).where(Dispute.id == dispute_id)
        dispute = (await session.exec(for_change(rows))).one()
        dispute.checked_at = now()
        provider, reference = dispute.provider, dispute.reference
    try:
        found = await gateways[provider].find_dispute(reference)
    except PaymentProviderError as error:
        log.info("dispute.not_polled", dispute_id=str(dispute_id), error=str(error))
        return
    async with transaction() as session:
        await apply_dispute(session, provider, found)
