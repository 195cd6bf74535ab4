"""Answers to disputes: evidence of vendors and of the platform, sent to the bank once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.money import decimal
from models.audit import AuditAct
from models.errors import NotFound
from models.members import Permission
from models.orders.orders import SubOrder
from models.payments.calls import CallPurpose
from models.payments.disputes import (
    MAX_EVIDENCES,
    Dispute,
    DisputeClosed,
    DisputeEvidence,
    DisputeFile,
    DisputeShare,
    EvidenceDraft,
)
from models.payments.refunds import RefundPart, RefundPartState
from models.vendors import VendorMember
from services import idempotency
from services.audit import entries as audit
from services.disputes.changes import publish_dispute
from services.disputes.rows import lock_known
from services.payments.calls.rows import plan_another
from services.uploads.uploads import attach_upload
from services.vendors.access import grants, memberships_of
from services.viewer import Viewer


async def answer_dispute(
    session: AsyncSession,
    viewer: Viewer,
    draft: EvidenceDraft,
    *,
    dispute_id: UUID,
    idempotency_key: str,
) -> Dispute:
    """Add evidence to a dispute, as a member of one of its vendors, or as an admin.

    It is sent to the bank, once and for good, when an admin or the last of the vendors has
    answered. Raises `DisputeClosed` after that or past the deadline, and `NotFound`.
    """
    user_id = viewer.require_user()
    claimed = await idempotency.claim(
        session,
        viewer,
        "answerDispute",
        idempotency_key,
        dispute_id=dispute_id,
        draft=draft.model_dump(mode="json"),
    )
    vendor_id = None if viewer.admin else await _find_vendor(session, viewer, dispute_id)
    _, dispute = await lock_known(session, dispute_id)
    if claimed.replayed:
        return dispute
    dispute.ensure_answerable(by_vendor=vendor_id is not None)
    await _ensure_space(session, dispute.id)
    evidence = DisputeEvidence(
        dispute_id=dispute.id,
        vendor_id=vendor_id,
        author_id=user_id,
        **draft.model_dump(exclude={"upload_ids"}),
    )
    session.add(evidence)
    for position, upload_id in enumerate(draft.upload_ids):
        await attach_upload(session, viewer, upload_id=upload_id)
        file = DisputeFile(evidence_id=evidence.id, position=position, upload_id=upload_id)
        session.add(file)
    await session.flush()
    vendor_ids = await find_vendors(session, dispute.id)
    if vendor_id is None or await _have_all_answered(session, dispute.id, vendor_ids):
        await send_answer(session, dispute)
    audit.append(session, viewer, AuditAct.ANSWER_DISPUTE, subject_id=dispute.id)
    publish_dispute(session, dispute, vendor_ids)
    await idempotency.record_result(session, claimed, dispute.id)
    return dispute


async def answer_with_refunds(session: AsyncSession, dispute: Dispute) -> None:
    """Add what was refunded before as evidence, and send it if that is all of the amount."""
    rows = select(RefundPart).where(
        RefundPart.payment_id == dispute.payment_id,
        RefundPart.part_state == RefundPartState.SETTLED,
        RefundPart.provider == dispute.provider,
    )
    parts = (await session.exec(rows.order_by(col(RefundPart.id)).limit(MAX_EVIDENCES))).all()
    if not parts:
        return
    sent = "\n".join(_describe(part, dispute.currency) for part in parts)
    explanation = f"The customer has this money back already:\n{sent}"
    session.add(DisputeEvidence(dispute_id=dispute.id, explanation=explanation))
    await session.flush()
    if sum(part.amount for part in parts) >= dispute.amount:
        await send_answer(session, dispute)


def _describe(part: RefundPart, currency: str) -> str:
    day = part.settled_at.date().isoformat() if part.settled_at else ""
    return f"Refund {part.reference} of {decimal(part.amount, currency)} {currency} on {day}"


async def send_answer(session: AsyncSession, dispute: Dispute) -> None:
    """Have the evidence sent after the commit. The dispute is locked, and takes no more."""
    if dispute.sending_at is None:
        dispute.sending_at = now()
        await plan_another(session, dispute.provider, dispute.id, CallPurpose.ANSWER)


async def find_vendors(session: AsyncSession, dispute_id: UUID) -> Sequence[UUID]:
    """Return the vendors that have a share."""
    rows = (
        select(SubOrder.vendor_id)
        .join(DisputeShare, col(DisputeShare.suborder_id) == col(SubOrder.id))
        .where(DisputeShare.dispute_id == dispute_id)
        .distinct()
        .order_by(col(SubOrder.vendor_id))
    )
    return (await session.exec(rows)).all()


async def _find_vendor(session: AsyncSession, viewer: Viewer, dispute_id: UUID) -> UUID:
    """Return the vendor with a share where the viewer changes orders. Raises `NotFound`."""
    rows = select(VendorMember.vendor_id).where(
        col(VendorMember.vendor_id).in_(await find_vendors(session, dispute_id)),
        memberships_of(viewer.staff),
        grants(Permission.EDIT_ORDERS),
    )
    vendor_id = (await session.exec(rows.order_by(col(VendorMember.vendor_id)).limit(1))).first()
    if vendor_id is None:
        raise NotFound
    return vendor_id


async def _ensure_space(session: AsyncSession, dispute_id: UUID) -> None:
    counted = select(func.count()).where(DisputeEvidence.dispute_id == dispute_id)
    if (await session.exec(counted)).one() >= MAX_EVIDENCES:
        raise DisputeClosed


async def _have_all_answered(
    session: AsyncSession, dispute_id: UUID, vendor_ids: Collection[UUID]
) -> bool:
    rows = select(DisputeEvidence.vendor_id).where(DisputeEvidence.dispute_id == dispute_id)
    return set(vendor_ids) <= set((await session.exec(rows)).all())
