"""Issues the invoices of demo orders, in the order of their times.

The worker makes the PDFs of the demo customer at its start, and the others by its sweep: a hundred
PDFs would keep it busy while a newcomer tries the first requests.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from demo.dataset import Dataset
from demo.identity.accounts import CUSTOMER
from services import jobs
from services.invoices.content.credit_notes import issue_credit_note
from services.invoices.content.suborders import issue_suborder

Due = tuple[datetime, UUID, UUID | None]  # the time, the part, and the refund of a credit note


async def issue_invoices(session: AsyncSession, dataset: Dataset, keys: SigningKeys) -> None:
    """Issue documents at the times of the confirmations and refunds, as jobs do."""
    sealer, customer = Sealer(keys), dataset.user_of(CUSTOMER).id
    shown: list[UUID] = []
    for moment, suborder_id, refund_id in sorted(_due(dataset), key=lambda one: one[0]):
        if refund_id is None:
            issued = await issue_suborder(session, sealer, suborder_id, moment)
        else:
            issued = await issue_credit_note(session, sealer, refund_id, suborder_id, moment)
        if issued is not None and issued.buyer_id == customer:
            shown.append(issued.id)
    for invoice_id in reversed(shown):
        await jobs.defer(session, "render_invoice", invoice_id=invoice_id)


def _due(dataset: Dataset) -> Iterator[Due]:
    for demo in dataset.orders:
        if (confirmed_at := demo.rows.order.confirmed_at) is None:
            continue
        for part in demo.rows.suborders:
            yield confirmed_at, part.id, None
        for refund in demo.refunds:
            for suborder_id in {line.suborder_id for line in refund.lines}:
                yield refund.row.created_at, suborder_id, refund.row.id
