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
from models.payments.calls import CallPurpose
from models.payments.disputes import (
    MAX_EVIDENCES,
    Dispute,
    DisputeClosed,
    DisputeEvidence,
    DisputeFile,
    EvidenceDraft,
    ensure_evidence,
)
from models.payments.refunds import RefundPart, RefundPartState
from models.vendors import VendorMember
from services import idempotency, jobs
from services.audit import entries as audit
from services.disputes.changes import publish_dispute
from services.disputes.conflicts import ensure_dispute_of_others
from services.disputes.files import find_uploads
from services.disputes.rows import find_vendors, lock_known
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
    answered. An admin who is such a member answers as one. Raises `OwnOrder` and `OwnPurchase`
    for another admin whose conflict it is, `DisputeClosed` after that or past the deadline,
    `NotFound`, and `InvalidInput` for files that banks do not take.
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
    vendor_id = await _find_vendor(session, viewer, dispute_id)
    if vendor_id is None and not viewer.admin:
        raise NotFound
    disputed, dispute = await lock_known(session, dispute_id)
    if claimed.replayed:
        return dispute
    if vendor_id is None:
        await ensure_dispute_of_others(session, viewer, disputed.subject)
    dispute.ensure_answerable(by_vendor=vendor_id is not None)
    await _ensure_space(session, dispute.id, vendor_id)
    evidence = DisputeEvidence(
        dispute_id=dispute.id,
        vendor_id=vendor_id,
        author_id=user_id,
        **draft.model_dump(exclude={"upload_ids"}),
    )
    session.add(evidence)
    await _attach(session, viewer, evidence, draft.upload_ids)
    await session.flush()
    vendor_ids = await find_vendors(session, dispute.id)
    if vendor_id is None or await _have_all_answered(session, dispute, vendor_ids):
        await send_answer(session, dispute)
    audit.append(session, viewer, AuditAct.ANSWER_DISPUTE, subject_id=dispute.id)
    publish_dispute(session, dispute, vendor_ids)
    await idempotency.record_result(session, claimed, dispute.id)
    return dispute


async def _attach(
    session: AsyncSession, viewer: Viewer, evidence: DisputeEvidence, upload_ids: Sequence[UUID]
) -> None:
    """Attach the files of evidence, in the order of locks. Raises `InvalidInput`."""
    given = [await attach_upload(session, viewer, upload_id=id) for id in sorted(upload_ids)]
    if given:
        ensure_evidence([*await find_uploads(session, evidence.dispute_id), *given])
    session.add_all(
        DisputeFile(evidence_id=evidence.id, position=position, upload_id=upload_id)
        for position, upload_id in enumerate(upload_ids)
    )


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
    """Have the evidence sent after the commit. The dispute is locked, and takes no more.

    A job uploads its files first, and then plans the call.
    """
    if dispute.sending_at is not None:
        return
    dispute.sending_at, dispute.file_reference = now(), None
    await session.flush()
    if await find_uploads(session, dispute.id):
        await jobs.defer(session, "upload_dispute_files", dispute_id=dispute.id)
    else:
        await plan_another(session, dispute.provider, dispute.id, CallPurpose.ANSWER)


async def _find_vendor(session: AsyncSession, viewer: Viewer, dispute_id: UUID) -> UUID | None:
    """Return the vendor with a share where the viewer changes orders."""
    rows = select(VendorMember.vendor_id).where(
        col(VendorMember.vendor_id).in_(await find_vendors(session, dispute_id)),
        memberships_of(viewer.staff),
        grants(Permission.EDIT_ORDERS),
    )
    return (await session.exec(rows.order_by(col(VendorMember.vendor_id)).limit(1))).first()


async def _ensure_space(session: AsyncSession, dispute_id: UUID, vendor_id: UUID | None) -> None:
    """Raise `DisputeClosed` if a vendor, or the platform, has given as much as it can.

    What one of them gives does not keep another one from its answer.
    """
    counted = select(func.count()).where(
        DisputeEvidence.dispute_id == dispute_id,
        col(DisputeEvidence.vendor_id).is_not_distinct_from(vendor_id),
    )
    if (await session.exec(counted)).one() >= MAX_EVIDENCES:
        raise DisputeClosed


async def _have_all_answered(
    session: AsyncSession, dispute: Dispute, vendor_ids: Collection[UUID]
) -> bool:
    """Return whether all vendors have answered since the bank has asked."""
    rows = select(DisputeEvidence.vendor_id).where(
        DisputeEvidence.dispute_id == dispute.id,
        col(DisputeEvidence.created_at) >= dispute.asked_at,
    )
    return set(vendor_ids) <= set((await session.exec(rows)).all())
