"""Issues the invoices of demo orders, in the order of their times. The worker makes their PDFs."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset
from services.invoices.content.credit_notes import issue_credit_note
from services.invoices.content.suborders import issue_suborder

Due = tuple[datetime, UUID, UUID | None]  # the time, the part, and the refund of a credit note


async def issue_invoices(session: AsyncSession, dataset: Dataset, keys: SigningKeys) -> None:
    """Issue documents at the times of the confirmations and refunds, as jobs do."""
    sealer = Sealer(keys)
    for moment, suborder_id, refund_id in sorted(_due(dataset), key=lambda one: one[0]):
        if refund_id is None:
            await issue_suborder(session, sealer, suborder_id, moment)
        else:
            await issue_credit_note(session, sealer, refund_id, suborder_id, moment)


def _due(dataset: Dataset) -> Iterator[Due]:
    for demo in dataset.orders:
        if (confirmed_at := demo.rows.order.confirmed_at) is None:
            continue
        for part in demo.rows.suborders:
            yield confirmed_at, part.id, None
        for refund in demo.refunds:
            for suborder_id in {line.suborder_id for line in refund.lines}:
                yield refund.row.created_at, suborder_id, refund.row.id
