"""Calls that send the evidence of a dispute to its provider."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.sealed import Sealer
from gateways.payments.errors import PaymentProviderError
from gateways.payments.gateway import PaymentGateway, ProviderDispute
from models.payments.calls import ProviderCall
from models.payments.disputes import Dispute, DisputeEvidence
from models.payments.payments import PaymentProvider
from services.disputes.changes import publish_dispute
from services.disputes.notices import notify_admins
from services.disputes.rows import find_vendors, lock_known
from services.payments.calls.purposes import Request

# The names by which providers take evidence. Paystack takes no papers of a delivery but in words.
NAMES: Mapping[PaymentProvider, Mapping[str, str]] = {
    PaymentProvider.STRIPE: {
        "explanation": "uncategorized_text",
        "carrier": "shipping_carrier",
        "tracking_number": "shipping_tracking_number",
    },
    PaymentProvider.PAYSTACK: {
        "explanation": "service_details",
        "carrier": "service_details",
        "tracking_number": "service_details",
    },
}

# The names by which they take the document with all files.
FILES: Mapping[PaymentProvider, str] = {
    PaymentProvider.STRIPE: "uncategorized_file",
    PaymentProvider.PAYSTACK: "uploaded_filename",
}

SEPARATOR = "; "
MAX_SENT = 20_000  # characters that Stripe takes of a text


@dataclass(frozen=True)
class NewAnswer:
    """The evidence of a dispute, as the provider is sent it."""

    reference: str
    evidence: Mapping[str, str]


def _compose(found: Sequence[DisputeEvidence], names: Mapping[str, str]) -> Mapping[str, str]:
    """Return the texts of all evidence by the provider's names."""
    texts: defaultdict[str, defaultdict[UUID | None, list[str]]]
    texts = defaultdict(lambda: defaultdict(list))
    for column, name in names.items():
        for one in found:
            if value := getattr(one, column):
                texts[name][one.vendor_id].append(value)
    return {
        name: _join([SEPARATOR.join(some) for some in of.values()]) for name, of in texts.items()
    }


def _join(sides: Sequence[str]) -> str:
    """Return the texts of all vendors, and of the platform.

    The provider refuses what is too long, for good: then each of them has the same room.
    """
    if len(whole := SEPARATOR.join(sides)) <= MAX_SENT:
        return whole
    room = MAX_SENT // len(sides) - len(SEPARATOR)
    return SEPARATOR.join(one[:room] for one in sides)


class Answering:
    """ANSWER: the subject is the dispute."""

    async def read(self, session: AsyncSession, sealer: Sealer, call: ProviderCall) -> Request:
        dispute = await session.get_one(Dispute, call.subject_id)
        rows = select(DisputeEvidence).where(DisputeEvidence.dispute_id == dispute.id)
        found = (await session.exec(rows.order_by(col(DisputeEvidence.id)))).all()
        evidence = dict(_compose(found, NAMES[dispute.provider]))
        if dispute.file_reference is not None:
            evidence[FILES[dispute.provider]] = dispute.file_reference
        return Request(NewAnswer(dispute.reference, evidence), dispute.dispute_state.is_final)

    async def send(self, gateway: PaymentGateway, wanted: NewAnswer, *, key: str) -> None:
        await gateway.answer_dispute(wanted.reference, wanted.evidence)

    async def search(self, gateway: PaymentGateway, wanted: NewAnswer) -> ProviderDispute | None:
        found = await gateway.find_dispute(wanted.reference)
        return found if found.is_answered else None

    async def done(self, session: AsyncSession, call: ProviderCall, answer: object) -> None:
        """Note the answer. The state follows from the webhook event, or by the poller."""
        _, dispute = await lock_known(session, call.subject_id)
        dispute.answered_at = dispute.answered_at or now()
        publish_dispute(session, dispute, await find_vendors(session, dispute.id))

    async def refused(
        self, session: AsyncSession, call: ProviderCall, error: PaymentProviderError
    ) -> None:
        _, dispute = await lock_known(session, call.subject_id)
        await wait_again(session, dispute)


async def wait_again(session: AsyncSession, dispute: Dispute) -> None:
    """Let the admins answer a second time, unless the dispute is over or was answered."""
    if dispute.answered_at is None and not dispute.dispute_state.is_final:
        dispute.sending_at = dispute.accepted_at = None
        await notify_admins(session, dispute)
