"""Transfers of the Paystack face to recipients, which can fail or be reversed."""

import asyncio
import re
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from payments_stand_in.paystack.calls import (
    ACCOUNT,
    PaystackAnswer,
    PaystackCall,
    PaystackRefused,
    listing,
)
from payments_stand_in.paystack.objects import add, moment
from payments_stand_in.paystack.transactions import Currency
from payments_stand_in.paystack.webhooks import emit
from payments_stand_in.state import StandIn
from payments_stand_in.store import Json, NoSuchObject, new_id

KIND, RECIPIENT = "transfer", "recipient"
REFERENCE = re.compile(r"[a-z0-9_-]{16,50}")
ARRIVES_AFTER_SECONDS = 1.0
FEES = ((500_000, 1_000), (5_000_000, 2_500))  # of transfers in NGN, up to an amount
MOST_FEE = 5_000
UNKNOWN_ACCOUNT = "0000000000"


class NewRecipient(BaseModel):
    """Parameters of a recipient: a bank account."""

    type: Literal["nuban", "ghipss", "mobile_money", "basa", "kepss"]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    account_number: Annotated[str, Field(min_length=4, max_length=34)]
    bank_code: Annotated[str, Field(min_length=1, max_length=20)]
    currency: Currency = "NGN"
    metadata: Json | None = None


class NewTransfer(BaseModel):
    """Parameters of a transfer."""

    source: Literal["balance"]
    amount: Annotated[int, Field(ge=100, le=10**12)]
    recipient: str
    reference: str
    currency: Currency = "NGN"
    reason: str | None = None


def create_recipient(call: PaystackCall) -> PaystackAnswer:
    given = NewRecipient.model_validate(call.body)
    if given.account_number == UNKNOWN_ACCOUNT:
        raise PaystackRefused("Cannot resolve account", "invalid_bank_code", 422)
    for one in call.stand_in.store.newest(f"paystack_{RECIPIENT}"):
        details = one["details"]
        same = (details["account_number"], details["bank_code"], one["currency"])
        if same == (given.account_number, given.bank_code, given.currency):
            return PaystackAnswer("Transfer recipient created successfully", one)
    code = new_id("RCP")
    recipient = add(
        call.stand_in,
        RECIPIENT,
        code,
        active=True,
        currency=given.currency,
        details={
            "account_name": given.name.upper(),
            "account_number": given.account_number,
            "bank_code": given.bank_code,
            "bank_name": "Test Bank",
        },
        metadata=given.metadata,
        name=given.name,
        recipient_code=code,
        type=given.type,
    )
    return PaystackAnswer("Transfer recipient created successfully", recipient)


def fetch_recipient(call: PaystackCall) -> PaystackAnswer:
    found = call.find(RECIPIENT, "Recipient not found", "recipient_not_found")
    return PaystackAnswer("Recipient retrieved", found)


def create(call: PaystackCall) -> PaystackAnswer:
    given, stand_in = NewTransfer.model_validate(call.body), call.stand_in
    if not REFERENCE.fullmatch(given.reference):
        raise PaystackRefused("Reference must be 16 to 50 characters of a-z, 0-9, - and _")
    if given.reference in stand_in.store.kinds.get(f"paystack_{KIND}", {}):
        raise PaystackRefused("Duplicate Transfer Reference", "duplicate_reference")
    try:
        recipient = stand_in.store.get(f"paystack_{RECIPIENT}", given.recipient)
    except NoSuchObject:
        raise PaystackRefused("Recipient specified is invalid", "invalid_recipient") from None
    fee = fee_of(given.amount)
    if stand_in.funds.available(given.currency.lower(), ACCOUNT) < given.amount + fee:
        text = "Your balance is not enough to fulfil this request"
        raise PaystackRefused(text, "insufficient_balance")
    asks = stand_in.controls.faults.transfer_otp
    transfer = add(
        stand_in,
        KIND,
        given.reference,
        amount=given.amount,
        currency=given.currency,
        failures=None,
        fee_charged=0 if asks else fee,
        reason=given.reason,
        recipient={"recipient_code": recipient["recipient_code"], "name": recipient["name"]},
        reference=given.reference,
        source="balance",
        status="otp" if asks else "pending",
        transfer_code=new_id("TRF"),
        transferred_at=None,
    )
    if asks:
        return PaystackAnswer("Transfer requires OTP to continue", transfer)
    stand_in.funds.book(
        -given.amount,
        given.currency.lower(),
        "transfer",
        given.reference,
        fee=fee,
        account=ACCOUNT,
    )
    if stand_in.controls.faults.automatic_payouts:
        loop = asyncio.get_running_loop()
        loop.call_later(ARRIVES_AFTER_SECONDS, lambda: _arrive(stand_in, transfer))
    return PaystackAnswer("Transfer has been queued", transfer)


def pay(stand_in: StandIn, transfer: Json) -> None:
    """Let a transfer arrive."""
    if transfer["status"] != "pending":
        raise PaystackRefused(f"This transfer is {transfer['status']}.")
    transfer.update(status="success", transferred_at=moment(), updatedAt=moment())
    emit(stand_in, "transfer.success", transfer)


def fail(stand_in: StandIn, transfer: Json) -> None:
    """Let a transfer fail, or come back if it has arrived. The fee comes back too."""
    if transfer["status"] not in {"pending", "success"}:
        raise PaystackRefused(f"This transfer is {transfer['status']}.")
    status = "failed" if transfer["status"] == "pending" else "reversed"
    transfer.update(status=status, failures={"reason": "Account closed"}, updatedAt=moment())
    stand_in.funds.book(
        transfer["amount"],
        transfer["currency"].lower(),
        "transfer_failure",
        transfer["reference"],
        fee=-transfer["fee_charged"],
        account=ACCOUNT,
    )
    transfer["fee_charged"] = 0
    emit(stand_in, f"transfer.{status}", transfer)


def verify(call: PaystackCall) -> PaystackAnswer:
    found = call.find(KIND, "Transfer not found", "transfer_not_found")
    return PaystackAnswer("Transfer retrieved", found)


def list_all(call: PaystackCall) -> PaystackAnswer:
    return listing(call, KIND)


def balance(call: PaystackCall) -> PaystackAnswer:
    sums = call.stand_in.funds.balance(ACCOUNT)
    data = [{"currency": one.upper(), "balance": amount} for one, amount in sums.items()]
    return PaystackAnswer("Balances retrieved", data)


def fee_of(amount: int) -> int:
    return next((fee for most, fee in FEES if amount <= most), MOST_FEE)


def _arrive(stand_in: StandIn, transfer: Json) -> None:
    if transfer["status"] == "pending" and stand_in.controls.faults.automatic_payouts:
        pay(stand_in, transfer)
