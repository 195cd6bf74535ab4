"""Payments by test cards before the stand-in runs, such as those of the demo data."""

from pathlib import Path
from uuid import UUID

from payments_stand_in.saving import load, save
from payments_stand_in.state import StandIn
from payments_stand_in.stripe import disputes, intents, refunds
from payments_stand_in.stripe.calls import StripeCall

ADDRESS = "http://127.0.0.1"  # no payment here waits for a page


class Terminal:
    """Takes payments in the file of a stand-in. Nothing is kept until `save`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stand_in = StandIn(ADDRESS)
        load(self._stand_in, file)
        self._stand_in.store.kinds.pop("webhook_endpoint", None)  # no server waits for webhooks

    def pay(self, payment_id: UUID, amount: int, currency: str, card: str, text: str) -> str:
        """Charge a card, and return the reference of the payment."""
        intent = intents.create(
            self._call(),
            {
                "amount": amount,
                "currency": currency.lower(),
                "description": text,
                "payment_method": card,
                "confirm": True,
                "metadata": {"payment_id": str(payment_id)},
            },
        )
        return str(intent["id"])

    def refund(self, reference: str, amount: int, part_id: UUID) -> str:
        """Refund a payment, as its card does it, and return the reference of the refund."""
        refund = refunds.create(
            self._call(),
            {
                "payment_intent": reference,
                "amount": amount,
                "metadata": {"refund_part_id": str(part_id)},
            },
        )
        return str(refund["id"])

    def find_dispute(self, reference: str) -> tuple[str, str, str, int, float]:
        """Return the reference and the reason of a payment's dispute, its line of the books with
        the fee, and the deadline.
        """
        found = next(
            one
            for one in self._stand_in.store.newest(disputes.KIND)
            if one["payment_intent"] == reference
        )
        (line,) = found["balance_transactions"]
        due_at = float(found["evidence_details"]["due_by"])
        return str(found["id"]), str(found["reason"]), str(line["id"]), int(line["fee"]), due_at

    def save(self) -> None:
        save(self._stand_in, self._file)

    def _call(self) -> StripeCall:
        return StripeCall(self._stand_in, "", None, None, publishable=False, client_secret=None)
