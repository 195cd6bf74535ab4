"""Payments, refunds, disputes and transfers by Paystack.

Source: https://paystack.com/docs/api. Payments are on Paystack's page, or charge a card that the
buyer used before. References of payments and transfers are ours: a duplicate is refused, and then
the first is looked up.
"""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from core.clock import now
from gateways.payments.errors import ObjectNotFound, ProviderRefused
from gateways.payments.gateway import (
    BalanceTransaction,
    MoneyStatus,
    NewPayment,
    NewPayout,
    NewPayoutAccount,
    NewRefund,
    ProviderAccount,
    ProviderBalance,
    ProviderDispute,
    ProviderEvent,
    ProviderPayment,
    ProviderPayout,
    ProviderRefund,
    SavedMethod,
)
from gateways.payments.paystack import objects
from gateways.payments.paystack.books import read_books
from gateways.payments.paystack.client import Json, PaystackClient
from gateways.payments.paystack.units import CURRENCIES, from_paystack, to_paystack
from gateways.payments.paystack.webhooks import read_event

DUPLICATE = "duplicate_reference"
AUTHENTICATION_REQUIRED = "authentication_required"
RECIPIENTS = {"NGN": "nuban", "GHS": "ghipss", "ZAR": "basa", "KES": "kepss"}
# Of a transfer, in minor units. Source: https://paystack.com/pricing
HIGHEST_FEES = {"NGN": 50_00, "GHS": 8_00, "ZAR": 3_00, "KES": 60_00}
SEARCHED = timedelta(hours=25)
EVIDENCE = ("customer_email", "customer_name", "customer_phone", "service_details")


class PaystackGateway:
    """The gateway of one Paystack account."""

    payment_currencies: frozenset[str] | None = CURRENCIES
    has_onboarding = False

    def __init__(self, secret_key: str, url: str) -> None:
        self._secret_key = secret_key
        self._paystack = PaystackClient(secret_key, url)

    async def create_payment(self, wanted: NewPayment, *, key: str) -> ProviderPayment:
        body: Json = {
            "amount": to_paystack(wanted.amount, wanted.currency),
            "currency": wanted.currency,
            "email": await self._email_of(wanted),
            "metadata": {"payment_id": str(wanted.payment_id)},
            "reference": key,
        }
        if wanted.return_url:
            body["callback_url"] = wanted.return_url
        if wanted.method:
            body["authorization_code"] = wanted.method
            return await self._charge(body, off_session=wanted.off_session)
        return await self._initialize(body)

    async def _charge(self, body: Json, *, off_session: bool) -> ProviderPayment:
        """Charge a card once: the first charge with this reference counts.

        A bank can pause a charge until the buyer confirms it on a page, which Paystack names once.
        Without the buyer, or if the answer was lost, the buyer cannot: the charge has failed then.
        """
        page: str | None = None
        waiting = {MoneyStatus.NEEDS_METHOD}
        try:
            made = await self._paystack.post("transaction/charge_authorization", body)
            if not made.get("paused"):
                return objects.payment(made)
            page = None if off_session else made["authorization_url"]
            waiting.add(MoneyStatus.NEEDS_ACTION)
        except ProviderRefused as error:
            if error.code != DUPLICATE:
                raise
        found = await self.find_payment(body["reference"])
        if found.status not in waiting:
            return found
        if page is None:
            return replace(found, status=MoneyStatus.FAILED, error=AUTHENTICATION_REQUIRED)
        return replace(found, status=MoneyStatus.NEEDS_ACTION, redirect_url=page)

    async def _initialize(self, body: Json) -> ProviderPayment:
        """Return a payment with its page.

        If the page of this reference was lost with its answer, no buyer has it: another one is
        made, unless the first was paid nevertheless.
        """
        try:
            made = await self._paystack.post("transaction/initialize", body)
        except ProviderRefused as error:
            if error.code != DUPLICATE:
                raise
            first = await self.find_payment(body["reference"])
            if first.status is not MoneyStatus.NEEDS_METHOD:
                return first
            again = body | {"reference": f"{body['reference']}-{secrets.token_hex(4)}"}
            made = await self._paystack.post("transaction/initialize", again)
        found = await self._paystack.get(f"transaction/verify/{made['reference']}")
        return objects.payment(found, redirect_url=made["authorization_url"])

    async def _email_of(self, wanted: NewPayment) -> str:
        """Return the address that Paystack wants, which is that of the customer of a method."""
        if wanted.customer:
            customer = await self._paystack.get(f"customer/{wanted.customer}")
            return str(customer["email"])
        if not wanted.email:
            raise ProviderRefused("Paystack needs an address.", code="email_required")
        return wanted.email

    async def find_payment(self, reference: str) -> ProviderPayment:
        return objects.payment(await self._paystack.get(f"transaction/verify/{reference}"))

    async def search_payment(self, wanted: NewPayment) -> ProviderPayment | None:
        async for one in self._paystack.list("transaction", **{"from": _moment(now() - SEARCHED)}):
            if objects.our_id(one.get("metadata"), "payment_id") == wanted.payment_id:
                return objects.payment(one)
        return None

    async def cancel_payment(self, reference: str, *, key: str) -> ProviderPayment:
        """Return an unpaid payment as cancelled. Paystack cannot close its page: it can be late."""
        found = await self.find_payment(reference)
        if found.status is MoneyStatus.NEEDS_METHOD:
            return replace(found, status=MoneyStatus.CANCELLED)
        return found

    async def refund(self, wanted: NewRefund, *, key: str) -> ProviderRefund:
        """Give money back once. Refunds have no reference, so those of the payment are read first.

        The caller sends one call at a time about a part of a refund.
        """
        for one in await self.list_refunds(wanted.payment_reference):
            if one.refund_part_id == wanted.refund_part_id:
                return one
        made = await self._paystack.post(
            "refund",
            {
                "transaction": wanted.payment_reference,
                "amount": to_paystack(wanted.amount, wanted.currency),
                "currency": wanted.currency,
                "merchant_note": str(wanted.refund_part_id),
            },
        )
        return objects.refund(made, wanted.payment_reference)

    async def find_refund(self, reference: str) -> ProviderRefund:
        found = await self._paystack.get(f"refund/{reference}")
        paid = await self._paystack.get(f"transaction/{_transaction_of(found)}")
        return objects.refund(found, paid["reference"])

    async def list_refunds(self, payment_reference: str) -> Sequence[ProviderRefund]:
        paid = await self._paystack.get(f"transaction/verify/{payment_reference}")
        found = self._paystack.list("refund", transaction=str(paid["id"]))
        return [
            objects.refund(one, payment_reference)
            async for one in found
            if _transaction_of(one) == paid["id"]
        ]

    async def find_dispute(self, reference: str) -> ProviderDispute:
        return objects.dispute(await self._paystack.get(f"dispute/{reference}"))

    async def upload_evidence(self, reference: str, document: bytes) -> str:
        made = await self._paystack.get(
            f"dispute/{reference}/upload_url", upload_filename="evidence.pdf"
        )
        await self._paystack.put_file(made["signedUrl"], document)
        return str(made["fileName"])

    async def answer_dispute(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Decline a dispute with evidence, whose names are those of `EVIDENCE`."""
        given = {name: evidence.get(name, "") for name in EVIDENCE}
        made = await self._paystack.post(f"dispute/{reference}/evidence", given)
        await self._paystack.put(
            f"dispute/{reference}/resolve",
            {
                "resolution": "declined",
                "message": given["service_details"],
                "refund_amount": 0,
                "uploaded_filename": evidence.get("uploaded_filename", ""),
                "evidence": made["id"],
            },
        )

    async def accept_dispute(self, reference: str) -> ProviderDispute:
        found = await self._paystack.get(f"dispute/{reference}")
        if found["status"] == "resolved":
            return objects.dispute(found)
        await self._paystack.put(
            f"dispute/{reference}/resolve",
            {
                "resolution": "merchant-accepted",
                "message": "The merchant accepts the dispute.",
                "refund_amount": found["refund_amount"] or found["transaction"]["amount"],
                "uploaded_filename": "",
            },
        )
        return await self.find_dispute(reference)

    async def create_customer(self, user_id: UUID, email: str | None, *, key: str) -> str:
        if not email:
            raise ProviderRefused("Paystack needs an address.", code="email_required")
        body = {"email": email, "metadata": {"user_id": str(user_id)}}
        return str((await self._paystack.post("customer", body))["customer_code"])

    async def find_methods(self, customer: str) -> Sequence[SavedMethod]:
        found = await self._paystack.get(f"customer/{customer}")
        return [
            objects.method(one, customer)
            for one in found.get("authorizations") or ()
            if one.get("reusable") and one.get("channel") == "card"
        ]

    async def remove_method(self, reference: str) -> None:
        """Deactivate a method. One that is gone is no error."""
        try:
            await self._paystack.post(
                "customer/deactivate_authorization", {"authorization_code": reference}
            )
        except ObjectNotFound:
            return

    async def remove_customer(self, reference: str) -> None:
        """Deactivate all methods of a customer. Paystack deletes no customers."""
        for one in await self.find_methods(reference):
            await self.remove_method(one.reference)

    async def create_account(self, wanted: NewPayoutAccount, *, key: str) -> ProviderAccount:
        """Make a recipient of transfers. Paystack returns the same one for the same account."""
        if wanted.currency not in RECIPIENTS or not (wanted.bank_code and wanted.account_number):
            raise ProviderRefused("Paystack needs a bank account.", code="bank_account_required")
        made = await self._paystack.post(
            "transferrecipient",
            {
                "type": RECIPIENTS[wanted.currency],
                "name": wanted.name,
                "account_number": wanted.account_number,
                "bank_code": wanted.bank_code,
                "currency": wanted.currency,
                "metadata": {"payout_account_id": str(wanted.payout_account_id)},
            },
        )
        return _account(made)

    async def find_account(self, reference: str) -> ProviderAccount:
        return _account(await self._paystack.get(f"transferrecipient/{reference}"))

    async def onboarding_url(self, reference: str, *, return_url: str) -> str:
        raise ProviderRefused("Paystack has no onboarding page.", code="no_onboarding")

    async def pay_out(self, wanted: NewPayout, *, key: str) -> ProviderPayout:
        """Transfer money once: its reference is the id of the payout, whatever the key.

        Accounts must not ask for a password at transfers, which a person would have to enter.
        """
        reference = str(wanted.payout_id)
        body = {
            "source": "balance",
            "amount": to_paystack(wanted.amount, wanted.currency),
            "currency": wanted.currency,
            "recipient": wanted.account,
            "reason": wanted.description,
            "reference": reference,
        }
        try:
            made = await self._paystack.post("transfer", body)
        except ProviderRefused as error:
            if error.code != DUPLICATE:
                raise
            made = await self._paystack.get(f"transfer/verify/{reference}")
        return _payout(made)

    async def find_payout(self, reference: str) -> ProviderPayout:
        return _payout(await self._paystack.get(f"transfer/verify/{reference}"))

    async def search_payout(self, wanted: NewPayout) -> ProviderPayout | None:
        try:
            return await self.find_payout(str(wanted.payout_id))
        except ObjectNotFound:
            return None

    def payable(self, amount: int, currency: str, *, available: int) -> int:
        """Leave room for the fee, without which Paystack refuses a transfer."""
        return max(0, min(amount, available - HIGHEST_FEES.get(currency, 0)))

    async def balances(self) -> Mapping[str, ProviderBalance]:
        found = await self._paystack.get("balance")
        return {
            one["currency"]: ProviderBalance(from_paystack(one["balance"], one["currency"]))
            for one in found
        }

    async def transactions(self, *, since: datetime) -> AsyncIterator[BalanceTransaction]:
        async for one in read_books(self._paystack, since):
            yield one

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        return read_event(body, headers.get("x-paystack-signature", ""), self._secret_key)

    async def events(self, *, since: datetime) -> AsyncIterator[ProviderEvent]:
        """Yield nothing: Paystack lists no webhooks. The poller and the books find changes."""
        return
        yield

    async def close(self) -> None:
        await self._paystack.close()


def _account(given: Json) -> ProviderAccount:
    return ProviderAccount(
        reference=given["recipient_code"],
        can_receive=bool(given.get("active", True)),
        last4=given["details"]["account_number"][-4:],
    )


def _payout(given: Json) -> ProviderPayout:
    if given["status"] == "otp":
        raise ProviderRefused(
            "Transfers of this Paystack account ask for a password. Switch that off.", code="otp"
        )
    return objects.payout(given)


def _transaction_of(refund: Json) -> int:
    """Return the id of the transaction of a refund, which some answers have in full."""
    given = refund["transaction"]
    return int(given["id"] if isinstance(given, dict) else given)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
