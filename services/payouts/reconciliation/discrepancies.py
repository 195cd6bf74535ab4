"""Discrepancies: lines of providers that do not agree with the ledger, for admins."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, false, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from core.keyset import Listing, by_time
from models.audit import AuditAct
from models.errors import NotFound
from models.payments.payments import PaymentProvider
from models.payouts.reconciliation import (
    DiscrepancyCause,
    DiscrepancyResolved,
    MatchState,
    ProviderTransaction,
)
from services import idempotency
from services.audit import entries as audit
from services.viewer import Viewer


@dataclass(frozen=True)
class DiscrepancyFilter:
    """Conditions of the list, None for all. Without a state, those that are open."""

    state: MatchState = MatchState.DISCREPANT
    provider: PaymentProvider | None = None
    currency: str | None = None
    cause: DiscrepancyCause | None = None
    before: datetime | None = None


def visible_provider_transactions(viewer: Viewer) -> SelectOfScalar[ProviderTransaction]:
    """Select lines of providers. Only admins see them."""
    rows = select(ProviderTransaction)
    return rows if viewer.admin else rows.where(false())


def list_discrepancies(
    viewer: Viewer, wanted: DiscrepancyFilter, *, newest: bool = True
) -> Listing[ProviderTransaction]:
    """List lines in a state, by the time at which they were imported. For admins."""
    viewer.require_admin()
    rows = select(ProviderTransaction).where(ProviderTransaction.state == wanted.state)
    if wanted.provider is not None:
        rows = rows.where(ProviderTransaction.provider == wanted.provider)
    if wanted.currency is not None:
        rows = rows.where(ProviderTransaction.currency == wanted.currency)
    if wanted.cause is not None:
        rows = rows.where(ProviderTransaction.cause == wanted.cause)
    if wanted.before is not None:
        rows = rows.where(col(ProviderTransaction.happened_at) < wanted.before)
    return Listing(rows, by_time(ProviderTransaction, newest=newest))


async def resolve_discrepancy(
    session: AsyncSession,
    viewer: Viewer,
    *,
    provider_transaction_id: UUID,
    note: str,
    idempotency_key: str,
) -> ProviderTransaction:
    """Note how a discrepancy was explained. Raises `DiscrepancyResolved` and `NotFound`.

    It posts nothing: money that is missing is put right by an adjustment.
    """
    admin_id = viewer.require_admin()
    claimed = await idempotency.claim(
        session,
        viewer,
        "resolveDiscrepancy",
        idempotency_key,
        provider_transaction_id=provider_transaction_id,
        note=note,
    )
    line = await _lock(session, provider_transaction_id)
    if claimed.replayed is not None:
        return line
    if line.state is not MatchState.DISCREPANT:
        raise DiscrepancyResolved
    line.resolve(note, admin_id)
    audit.append(session, viewer, AuditAct.RESOLVE_DISCREPANCY, subject_id=line.id)
    await session.flush()
    await idempotency.record_result(session, claimed, line.id)
    return line


async def reopen_discrepancy(
    session: AsyncSession, viewer: Viewer, *, provider_transaction_id: UUID
) -> ProviderTransaction:
    """Drop the explanation of a discrepancy, so that it is listed again. For admins.

    What was followed because of the explanation stays. Another state changes nothing.
    """
    viewer.require_admin()
    line = await _lock(session, provider_transaction_id)
    if line.state is MatchState.RESOLVED:
        line.reopen()
        audit.append(session, viewer, AuditAct.REOPEN_DISCREPANCY, subject_id=line.id)
    return line


async def _lock(session: AsyncSession, provider_transaction_id: UUID) -> ProviderTransaction:
    rows = select(ProviderTransaction).where(ProviderTransaction.id == provider_transaction_id)
    line = (await session.exec(for_change(rows))).first()
    if line is None:
        raise NotFound
    return line
