"""Disputes of the Paystack face. Their money goes back when they are accepted or lost."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from payments_stand_in.paystack.calls import (
    ACCOUNT,
    PaystackAnswer,
    PaystackCall,
    PaystackRefused,
    listing,
)
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.paystack.webhooks import emit
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, NoSuchObject

KIND, FILE = "dispute", "paystack_dispute_file"
UPLOADS = "/paystack_files"
MAX_FILE = 5_000_000
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
        resolvedAt=None,
        status="awaiting-merchant-feedback",
        transaction=shown,
    )
    emit(stand_in, "charge.dispute.create", dispute)
    return dispute


def fetch(call: PaystackCall) -> PaystackAnswer:
    return PaystackAnswer("Dispute retrieved", _of(call))


def list_all(call: PaystackCall) -> PaystackAnswer:
    status = call.query.get("status")
    return listing(call, KIND, lambda one: status in {None, one["status"]})


def remind(stand_in: StandIn, dispute: Json) -> None:
    """Remind the merchant of a dispute that waits for an answer."""
    if dispute["status"] != "awaiting-merchant-feedback":
        raise PaystackRefused("Dispute has been answered", "dispute_resolved")
    emit(stand_in, "charge.dispute.remind", dispute)


def add_evidence(call: PaystackCall) -> PaystackAnswer:
    dispute, given = _of(call), Evidence.model_validate(call.body)
    evidence = add(call.stand_in, "evidence", dispute=dispute["id"], **given.model_dump())
    return PaystackAnswer("Evidence created", evidence)


def upload_url(call: PaystackCall) -> PaystackAnswer:
    """Return an address that takes one file, and the name of the file in a resolution."""
    dispute, name = _of(call), secrets.token_hex(10)
    if not call.query.get("upload_filename"):
        raise PaystackRefused("upload_filename is required", "invalid_params")
    call.stand_in.store.put(FILE, name, {"dispute": dispute["id"], "size": 0})
    address = f"{call.stand_in.address}{UPLOADS}/{name}"
    return PaystackAnswer("Upload url generated", {"signedUrl": address, "fileName": name})


async def receive_file(request: Request) -> Response:
    """Keep the size of a file, as the storage behind the addresses does. It takes no key."""
    stand_in: StandIn = request.app.state.stand_in
    if "authorization" in request.headers:
        return Response(status_code=400)
    try:
        file = stand_in.store.get(FILE, request.path_params["name"])
    except NoSuchObject:
        return Response(status_code=403)
    body = await request.body()
    if not 0 < len(body) <= MAX_FILE:
        return Response(status_code=413)
    if stand_in.controls.takes("fail", request.url.path):
        return Response(status_code=503)
    file["size"] = len(body)
    return Response()


def resolve(call: PaystackCall) -> PaystackAnswer:
    dispute, given = _of(call), Resolution.model_validate(call.body)
    if dispute["status"] != "awaiting-merchant-feedback":
        raise PaystackRefused("Dispute has been resolved", "dispute_resolved")
    if given.uploaded_filename:
        known = call.stand_in.store.kinds.get(FILE, {}).get(given.uploaded_filename)
        if known is None or not known["size"] or known["dispute"] != dispute["id"]:
            raise PaystackRefused("The file was not uploaded", "file_not_found")
        dispute["attachments"] = given.uploaded_filename
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
    ended = {"updatedAt": moment(), "resolvedAt": moment()}
    dispute.update(status="resolved", resolution=resolution, **ended)
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
