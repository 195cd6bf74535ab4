"""Disputes of the Paystack face. Their money goes back when they are accepted or lost."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from payments_stand_in.paystack.calls import ACCOUNT, PaystackAnswer, PaystackCall, PaystackRefused
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.paystack.webhooks import emit
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json

KIND = "dispute"
TIME_TO_ANSWER = timedelta(days=2)
OPEN = frozenset({"awaiting-merchant-feedback", "awaiting-bank-feedback", "pending"})


class Resolution(BaseModel):
    """Parameters of an answer: the dispute is accepted, or declined with evidence."""

    resolution: Literal["merchant-accepted", "declined"]
    message: str
    refund_amount: int
    uploaded_filename: str
    evidence: int | None = None


class Evidence(BaseModel):
    """Parameters of evidence."""

    customer_email: str
    customer_name: str
    customer_phone: str
    service_details: str


def open_dispute(stand_in: StandIn, transaction: Json, amount: int | None) -> Json:
    """Open a dispute of a transaction."""
    due = datetime.now(UTC) + TIME_TO_ANSWER
    shown = {name: transaction[name] for name in ("id", "reference", "amount", "currency")}
    dispute = add(
        stand_in,
        KIND,
        category="chargeback",
        currency=transaction["currency"],
        dueAt=due.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        refund_amount=amount or transaction["amount"],
        resolution=None,
        status="awaiting-merchant-feedback",
        transaction=shown,
    )
    emit(stand_in, "charge.dispute.create", dispute)
    return dispute


def fetch(call: PaystackCall) -> PaystackAnswer:
    return PaystackAnswer("Dispute retrieved", _of(call))


def add_evidence(call: PaystackCall) -> PaystackAnswer:
    dispute, given = _of(call), Evidence.model_validate(call.body)
    evidence = add(call.stand_in, "evidence", dispute=dispute["id"], **given.model_dump())
    return PaystackAnswer("Evidence created", evidence)


def resolve(call: PaystackCall) -> PaystackAnswer:
    dispute, given = _of(call), Resolution.model_validate(call.body)
    if dispute["status"] != "awaiting-merchant-feedback":
        raise PaystackRefused("Dispute has been resolved", "dispute_resolved")
    if given.resolution == "merchant-accepted":
        close(call.stand_in, dispute, won=False)
        dispute["resolution"] = "merchant-accepted"
    else:
        dispute.update(status="awaiting-bank-feedback", updatedAt=moment())
    return PaystackAnswer("Dispute successfully resolved", dispute)


def close(stand_in: StandIn, dispute: Json, *, won: bool) -> None:
    """End a dispute. The money of one that is lost goes back to the buyer."""
    if dispute["status"] not in OPEN:
        raise PaystackRefused("Dispute has been resolved", "dispute_resolved")
    resolution = "declined" if won else "auto-accepted"
    dispute.update(status="resolved", resolution=resolution, updatedAt=moment())
    if not won:
        stand_in.funds.book(
            -dispute["refund_amount"],
            dispute["currency"].lower(),
            "adjustment",
            str(dispute["id"]),
            account=ACCOUNT,
        )
    emit(stand_in, "charge.dispute.resolve", dispute)


def _of(call: PaystackCall) -> Json:
    return call.find(KIND, "Dispute not found", "dispute_not_found")
