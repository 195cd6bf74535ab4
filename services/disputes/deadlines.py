"""Deadlines of disputes: reminders, answers by admins, and what is sent in the end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.payments.calls import CallPurpose
from models.payments.disputes import (
    FILE_HOURS,
    REMIND_HOURS,
    SEND_HOURS,
    VENDOR_HOURS,
    Dispute,
    DisputeEvidence,
    DisputeState,
)
from services.disputes.answering import send_answer
from services.disputes.changes import publish_dispute
from services.disputes.notices import notify_admins, notify_due
from services.disputes.rows import find_vendors, lock_known
from services.payments.calls.rows import plan_another
from services.transaction import OpenTransaction, one_by_one

BATCH_SIZE = 100
WAITING = (DisputeState.WARNING, DisputeState.NEEDS_RESPONSE)


async def follow_deadlines(transaction: OpenTransaction) -> bool:
    """Remind, escalate and answer a batch of disputes. Returns whether there may be more."""
    soon = now() + timedelta(hours=VENDOR_HOURS + REMIND_HOURS)
    last = now() + timedelta(hours=SEND_HOURS)
    rows = select(Dispute.id).where(
        col(Dispute.dispute_state).in_(WAITING),
        col(Dispute.due_at) > now(),
        or_(_waits_for_file(), col(Dispute.sending_at).is_(None)),
        or_(
            _waits_for_file(),
            (col(Dispute.due_at) <= soon) & col(Dispute.reminded_at).is_(None),
            (col(Dispute.due_at) <= now() + timedelta(hours=VENDOR_HOURS))
            & col(Dispute.escalated_at).is_(None),
            (col(Dispute.due_at) <= last) & col(Dispute.id).in_(select(DisputeEvidence.dispute_id)),
        ),
    )
    async with transaction() as session:
        found = await session.exec(rows.order_by(col(Dispute.due_at)).limit(BATCH_SIZE))
        ids = found.all()
    changed = await one_by_one(transaction, ids, follow_deadline)
    return len(ids) == BATCH_SIZE and changed


async def follow_deadline(session: AsyncSession, dispute_id: UUID) -> bool:
    """Do what is due for a dispute, each step once. Returns whether anything was."""
    _, dispute = await lock_known(session, dispute_id)
    if dispute.waits_for_file and dispute.due_at and _hours_to(dispute.due_at) <= FILE_HOURS:
        await plan_another(session, dispute.provider, dispute.id, CallPurpose.ANSWER)
        return False
    if dispute.due_at is None or dispute.vendor_due_at is None or not dispute.is_answerable:
        return False
    vendor_ids = await find_vendors(session, dispute.id)
    answers = await _find_answers(session, dispute.id)
    answered = {vendor_id for vendor_id, given_at in answers if given_at >= dispute.asked_at}
    missing = [id for id in vendor_ids if id not in answered]
    changed = False
    if dispute.escalated_at is None and now() >= dispute.vendor_due_at:
        dispute.escalated_at = dispute.reminded_at = now()
        await notify_admins(session, dispute)
        changed = True
    elif dispute.reminded_at is None and _hours_to(dispute.vendor_due_at) <= REMIND_HOURS:
        dispute.reminded_at = now()
        await notify_due(session, dispute, missing)
        changed = True
    if answers and _hours_to(dispute.due_at) <= SEND_HOURS:
        await send_answer(session, dispute)
        changed = True
    publish_dispute(session, dispute, vendor_ids)
    return changed


def _waits_for_file() -> ColumnElement[bool]:
    """Match answers whose files the provider has not taken, shortly before the deadline."""
    return and_(
        col(Dispute.sending_at).is_not(None),
        col(Dispute.answered_at).is_(None),
        col(Dispute.accepted_at).is_(None),
        col(Dispute.file_reference).is_(None),
        col(Dispute.due_at) <= now() + timedelta(hours=FILE_HOURS),
    )


def _hours_to(time: datetime) -> float:
    return (time - now()) / timedelta(hours=1)


async def _find_answers(
    session: AsyncSession, dispute_id: UUID
) -> Sequence[tuple[UUID | None, datetime]]:
    """Return whose evidence there is, and when it was given."""
    columns = select(DisputeEvidence.vendor_id, DisputeEvidence.created_at)
    return (await session.exec(columns.where(DisputeEvidence.dispute_id == dispute_id))).all()
