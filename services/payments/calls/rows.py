"""Calls to payment providers as rows: planned with their subject, sent, and ended.

A call is planned in the transaction of its subject, with the job that sends it. See `sending`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change
from core.observability import metrics
from core.statements.inserts import insert_row
from core.statements.units import UnitOfWork, connection_of
from models.payments.calls import MAX_ATTEMPTS, MAX_ERROR, CallPurpose, CallState, ProviderCall
from models.payments.payments import Payment, PaymentProvider, PaymentStatus
from services import jobs

OLD_HOURS = 26
NET_SECONDS = 30  # after which a job sends what a process that ended did not
OPEN = (CallState.PLANNED, CallState.SENT)

log = structlog.get_logger(__name__)


async def plan_call(
    unit: UnitOfWork,
    provider: PaymentProvider,
    subject_id: UUID,
    purpose: CallPurpose,
    *,
    attempt: int = 1,
    at: datetime | None = None,
) -> ProviderCall:
    """Plan a call about a row of this transaction, and the job that sends it after the commit.

    With `at`, the job is a net: the caller sends the call, unless its process ends before.
    """
    call = ProviderCall(
        provider=provider,
        subject_id=subject_id,
        purpose=purpose,
        attempt=attempt,
        key=ProviderCall.key_of(subject_id, purpose, attempt),
        request_hash=b"",
    )
    await insert_row(await connection_of(unit), call)
    await jobs.defer(unit, "send_provider_call", at=at, call_id=call.id)
    return call


async def plan_payments(unit: UnitOfWork, payments: Sequence[Payment]) -> None:
    """Plan the calls for new payments that a provider collects. The caller sends them."""
    for payment in payments:
        if payment.status is PaymentStatus.PLANNED:
            at = now() + timedelta(seconds=NET_SECONDS)
            await plan_call(unit, payment.provider, payment.id, CallPurpose.PAY, at=at)


async def plan_another(
    session: AsyncSession,
    provider: PaymentProvider,
    subject_id: UUID,
    purpose: CallPurpose,
    *,
    at: datetime | None = None,
) -> ProviderCall:
    """Plan a call, or return the one that is open. The caller has locked the subject.

    After too many attempts, the last call is returned.
    """
    calls = await _find_calls(session, subject_id, purpose)
    if calls and (calls[-1].is_open or calls[-1].attempt >= MAX_ATTEMPTS):
        return calls[-1]
    attempt = calls[-1].attempt + 1 if calls else 1
    return await plan_call(session, provider, subject_id, purpose, attempt=attempt, at=at)


async def _find_calls(
    session: AsyncSession, subject_id: UUID, purpose: CallPurpose
) -> list[ProviderCall]:
    rows = select(ProviderCall).where(
        ProviderCall.subject_id == subject_id, ProviderCall.purpose == purpose
    )
    fresh = rows.order_by(col(ProviderCall.attempt)).execution_options(populate_existing=True)
    return list((await session.exec(fresh)).all())


async def lock_call(session: AsyncSession, call_id: UUID) -> ProviderCall | None:
    rows = select(ProviderCall).where(ProviderCall.id == call_id)
    return (await session.exec(for_change(rows))).first()


async def find_open_call(
    session: AsyncSession, subject_id: UUID, purpose: CallPurpose
) -> UUID | None:
    """Return the open call of a subject."""
    rows = select(ProviderCall.id).where(
        ProviderCall.subject_id == subject_id,
        ProviderCall.purpose == purpose,
        col(ProviderCall.state).in_(OPEN),
    )
    return (await session.exec(rows)).first()


async def find_old_calls(session: AsyncSession) -> Sequence[UUID]:
    """Return open calls that are older than the time for which their jobs run."""
    rows = select(ProviderCall.id).where(
        col(ProviderCall.state).in_(OPEN),
        col(ProviderCall.created_at) < now() - timedelta(hours=OLD_HOURS),
    )
    return (await session.exec(rows.order_by(col(ProviderCall.created_at)).limit(100))).all()


async def was_sent(session: AsyncSession, subject_id: UUID, purpose: CallPurpose) -> bool:
    """Return whether a provider may know the subject by a call."""
    rows = select(func.count()).where(
        ProviderCall.subject_id == subject_id,
        ProviderCall.purpose == purpose,
        col(ProviderCall.sent_at).is_not(None),
    )
    return (await session.exec(rows)).one() > 0


async def end_call(
    session: AsyncSession, call: ProviderCall, state: CallState, error: str | None = None
) -> None:
    """Store how a call has ended, once. A person looks at UNKNOWN ones."""
    text = error[:MAX_ERROR].strip() or None if error else None
    ended = (
        update(ProviderCall)
        .where(col(ProviderCall.id) == call.id, col(ProviderCall.state).in_(OPEN))
        .values(state=state, error=text, ended_at=now())
    )
    if not (await session.execute(ended)).rowcount:  # type: ignore[attr-defined] # of an UPDATE
        return
    metrics.PROVIDER_CALLS.labels(call.provider, call.purpose, state).inc()
    if state is CallState.UNKNOWN:
        log.error(
            "payments.call_unknown",
            provider=call.provider,
            purpose=call.purpose,
            subject_id=str(call.subject_id),
            error=text,
        )
