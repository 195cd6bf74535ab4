"""Files of evidence: one document, which the provider gets before the answer that names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.payments.calls import CallPurpose
from models.payments.disputes import Dispute, DisputeEvidence, DisputeFile
from models.payments.payments import PaymentProvider
from models.uploads import Upload
from services.disputes.rows import lock_known
from services.payments.calls.rows import plan_another


@dataclass(frozen=True)
class WantedDocument:
    """The files of a dispute, as keys of the object storage. `reference` is the provider's."""

    dispute_id: UUID
    provider: PaymentProvider
    reference: str
    sending_at: datetime | None
    keys: Sequence[tuple[str, int]]


async def find_uploads(session: AsyncSession, dispute_id: UUID) -> Sequence[Upload]:
    """Return the files of all evidence of a dispute, the oldest first."""
    rows = (
        select(Upload)
        .join(DisputeFile, col(DisputeFile.upload_id) == Upload.id)
        .join(DisputeEvidence, col(DisputeEvidence.id) == DisputeFile.evidence_id)
        .where(DisputeEvidence.dispute_id == dispute_id)
    )
    return (
        await session.exec(rows.order_by(col(DisputeEvidence.id), col(DisputeFile.position)))
    ).all()


async def find_document(session: AsyncSession, dispute_id: UUID) -> WantedDocument | None:
    """Return the document that a provider lacks. None if the answer does not wait for it."""
    dispute = await session.get_one(Dispute, dispute_id)
    if not dispute.waits_for_file:
        return None
    uploads = await find_uploads(session, dispute_id)
    keys = [(one.key, one.size) for one in uploads if one.key is not None]
    return WantedDocument(dispute_id, dispute.provider, dispute.reference, dispute.sending_at, keys)


async def send_with_file(
    session: AsyncSession, wanted: WantedDocument, file_reference: str | None
) -> None:
    """Plan the call that sends the answer, without a file if there can be none.

    Does nothing if the answer does not wait for this document any more.
    """
    _, dispute = await lock_known(session, wanted.dispute_id)
    if dispute.waits_for_file and dispute.sending_at == wanted.sending_at:
        dispute.file_reference = file_reference
        await session.flush()
        await plan_another(session, dispute.provider, dispute.id, CallPurpose.ANSWER)
