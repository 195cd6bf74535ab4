"""Payments, refunds, disputes, vendors' accounts and payouts by Stripe.

Source: https://docs.stripe.com/api. A payout is two steps at Stripe: a transfer to the vendor's
account, and a payout from there to the vendor's bank.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from io import BytesIO
from typing import cast
from uuid import UUID

import stripe
from stripe.params import (
    CustomerCreateParams,
    DisputeUpdateParamsEvidence,
    PaymentIntentListParams,
)

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.clock import now
from gateways.payments.errors import NoAnswer, ProviderRefused
from gateways.payments.gateway import (
    BalanceTransaction,
    DisputeStatus,
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
from gateways.payments.stripe import objects, requests
from gateways.payments.stripe.errors import classify
from gateways.payments.stripe.payouts import StripePayouts
from gateways.payments.stripe.units import from_stripe, payable, to_stripe
from gateways.payments.stripe.webhooks import read_event

API_URL, FILES_URL = "https://api.stripe.com", "https://files.stripe.com"
API_VERSION = "2026-10-28.endive"  # that of the types of the SDK
TIMEOUT_SECONDS = 20.0
SDK_RETRIES = 2
PAGE = 100
SEARCHED = timedelta(hours=25)  # a call is not repeated after a day
MAX_SEARCHED = 10_000


class _Document(BytesIO):
    """A file with the name that the SDK sends."""

    name = "evidence.pdf"


def _files_url(url: str) -> str:
    """Return the address for files. The stand-in takes them where it takes everything."""
    return FILES_URL if url.rstrip("/") == API_URL else url.rstrip("/")


class StripeGateway:
    """The gateway of one Stripe account. `pay_page` is where buyers pay in development."""

    payment_currencies: frozenset[str] | None = None
    has_onboarding = True

    def __init__(
        self,
        secret_key: str,
        webhook_secrets: Sequence[str],
        url: str,
        *,
        pay_page: str | None = None,
    ) -> None:
        self._http = stripe.HTTPXClient(timeout=TIMEOUT_SECONDS)
        self._stripe = stripe.StripeClient(
            secret_key,
            base_addresses={"api": url.rstrip("/"), "files": _files_url(url)},
            http_client=self._http,
            max_network_retries=SDK_RETRIES,
            stripe_version=API_VERSION,
        )
        self._webhook_secrets = tuple(webhook_secrets)
        self._pay_page = pay_page
        self._breaker = CircuitBreaker("stripe", stripe.APIConnectionError)
        self._payouts = StripePayouts(self._stripe)

    async def create_payment(self, wanted: NewPayment, *, key: str) -> ProviderPayment:
        params = requests.payment(wanted, on_page=self._pay_page is not None)
        async with self._ask(moves_money=True):
            try:
                intent = await self._stripe.v1.payment_intents.create_async(
                    params, {"idempotency_key": key}
                )
            except stripe.CardError as error:
                if error.error is None or error.error.payment_intent is None:
                    raise
                intent = await self._find_intent(objects.id_of(error.error.payment_intent))
                if intent.last_payment_error is None:
                    raise
        return self._payment(intent)

    async def find_payment(self, reference: str) -> ProviderPayment:
        async with self._ask():
            return self._payment(await self._find_intent(reference))

    async def search_payment(self, wanted: NewPayment) -> ProviderPayment | None:
        """Look through the payments of the last day. Stripe's search lags, and lists do not."""
        since = int((now() - SEARCHED).timestamp())
        params: PaymentIntentListParams = {"created": {"gte": since}, "limit": PAGE}
        if wanted.customer:
            params["customer"] = wanted.customer
        async with self._ask():
            page, seen = await self._stripe.v1.payment_intents.list_async(params), 0
            async for intent in page.auto_paging_iter():
                if objects.our_id(intent.metadata, objects.PAYMENT_ID) == wanted.payment_id:
                    return self._payment(await self._find_intent(intent.id))
                seen += 1
                if seen >= MAX_SEARCHED:
                    raise NoAnswer("Stripe has too many payments to look through.")
        return None

    async def cancel_payment(self, reference: str, *, key: str) -> ProviderPayment:
        async with self._ask():
            try:
                await self._stripe.v1.payment_intents.cancel_async(
                    reference, options={"idempotency_key": key}
                )
            except stripe.InvalidRequestError as error:
                if error.code != "payment_intent_unexpected_state":
                    raise
            return self._payment(await self._find_intent(reference))

    async def refund(self, wanted: NewRefund, *, key: str) -> ProviderRefund:
        amount = to_stripe(wanted.amount, wanted.currency)
        async with self._ask(moves_money=True):
            made = await self._stripe.v1.refunds.create_async(
                {
                    "payment_intent": wanted.payment_reference,
                    "amount": amount,
                    "metadata": {objects.REFUND_PART_ID: str(wanted.refund_part_id)},
                },
                {"idempotency_key": key},
            )
        return objects.refund(made)

    async def find_refund(self, reference: str) -> ProviderRefund:
        async with self._ask():
            return objects.refund(await self._stripe.v1.refunds.retrieve_async(reference))

    async def list_refunds(self, payment_reference: str) -> Sequence[ProviderRefund]:
        async with self._ask():
            page = await self._stripe.v1.refunds.list_async(
                {"payment_intent": payment_reference, "limit": PAGE}
            )
            return [objects.refund(one) async for one in page.auto_paging_iter()]

    async def find_dispute(self, reference: str) -> ProviderDispute:
        async with self._ask():
            return objects.dispute(await self._stripe.v1.disputes.retrieve_async(reference))

    async def upload_evidence(self, reference: str, document: bytes) -> str:
        async with self._ask():
            made = await self._stripe.v1.files.create_async(
                {"file": _Document(document), "purpose": "dispute_evidence"}
            )
        return made.id

    async def answer_dispute(self, reference: str, evidence: Mapping[str, str]) -> None:
        """Send evidence to the bank. The names are those of Stripe's `evidence`."""
        given = cast("DisputeUpdateParamsEvidence", dict(evidence))
        async with self._ask():
            await self._stripe.v1.disputes.update_async(
                reference, {"evidence": given, "submit": True}
            )

    async def accept_dispute(self, reference: str) -> ProviderDispute:
        try:
            async with self._ask():
                return objects.dispute(await self._stripe.v1.disputes.close_async(reference))
        except ProviderRefused:
            found = await self.find_dispute(reference)
            if found.status not in {DisputeStatus.WON, DisputeStatus.LOST}:
                raise
            return found

    async def create_customer(self, user_id: UUID, email: str | None, *, key: str) -> str:
        params: CustomerCreateParams = {"metadata": {"user_id": str(user_id)}}
        if email:
            params["email"] = email
        async with self._ask(moves_money=True):
            made = await self._stripe.v1.customers.create_async(params, {"idempotency_key": key})
        return made.id

    async def find_methods(self, customer: str) -> Sequence[SavedMethod]:
        async with self._ask():
            page = await self._stripe.v1.payment_methods.list_async(
                {"customer": customer, "type": "card", "limit": PAGE}
            )
        return [saved for one in page.data if (saved := objects.method(one))]

    async def remove_method(self, reference: str) -> None:
        """Detach a method, which is not attached a second time. One that is gone is no error."""
        async with self._ask():
            try:
                await self._stripe.v1.payment_methods.detach_async(reference)
            except stripe.InvalidRequestError as error:
                if error.code not in {"payment_method_unexpected_state", "resource_missing"}:
                    raise

    async def remove_customer(self, reference: str) -> None:
        """Delete a customer with all methods. Payments, and their refunds, stay possible."""
        async with self._ask():
            await self._stripe.v1.customers.delete_async(reference)

    async def create_account(self, wanted: NewPayoutAccount, *, key: str) -> ProviderAccount:
        """Make an account that the vendor completes. Its money moves on our payouts alone."""
        params = requests.account(wanted)
        async with self._ask(moves_money=True):
            made = await self._stripe.v1.accounts.create_async(params, {"idempotency_key": key})
        return objects.account(made)

    async def find_account(self, reference: str) -> ProviderAccount:
        async with self._ask():
            return objects.account(await self._stripe.v1.accounts.retrieve_async(reference))

    async def onboarding_url(self, reference: str, *, return_url: str) -> str:
        async with self._ask():
            link = await self._stripe.v1.account_links.create_async(
                {
                    "account": reference,
                    "refresh_url": return_url,
                    "return_url": return_url,
                    "type": "account_onboarding",
                }
            )
        return link.url

    async def pay_out(self, wanted: NewPayout, *, key: str) -> ProviderPayout:
        if payable(wanted.amount, wanted.currency) != wanted.amount:
            raise ProviderRefused("Stripe pays out no such fraction.", code="invalid_amount")
        async with self._ask(moves_money=True):
            return await self._payouts.pay_out(wanted, key)

    async def find_payout(self, reference: str) -> ProviderPayout:
        async with self._ask():
            return await self._payouts.find(reference)

    async def search_payout(self, wanted: NewPayout) -> ProviderPayout | None:
        async with self._ask():
            return await self._payouts.search(wanted)

    def payable(self, amount: int, currency: str, *, available: int) -> int:
        return payable(min(amount, available), currency)

    async def balances(self) -> Mapping[str, ProviderBalance]:
        async with self._ask():
            balance = await self._stripe.v1.balance.retrieve_async()
        pending = {one.currency: one.amount for one in balance.pending}
        available = {one.currency: one.amount for one in balance.available}
        return {
            currency.upper(): ProviderBalance(
                from_stripe(available.get(currency, 0), currency.upper()),
                from_stripe(pending.get(currency, 0), currency.upper()),
            )
            for currency in sorted(available | pending)
        }

    async def transactions(self, *, since: datetime) -> AsyncIterator[BalanceTransaction]:
        """Yield the lines of the platform's books, the newest first."""
        async with self._ask():
            page = await self._stripe.v1.balance_transactions.list_async(
                {
                    "created": {"gte": int(since.timestamp())},
                    "limit": PAGE,
                    "expand": ["data.source"],
                }
            )
            async for one in page.auto_paging_iter():
                yield objects.transaction(one)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        return read_event(body, headers.get("stripe-signature", ""), self._webhook_secrets)

    async def events(self, *, since: datetime) -> AsyncIterator[ProviderEvent]:
        """Yield the webhooks of the platform, the newest first, without those of its accounts."""
        async with self._ask():
            page = await self._stripe.v1.events.list_async(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
            )
            async for one in page.auto_paging_iter():
                yield objects.event(one.to_dict())

    async def close(self) -> None:
        await self._http.close_async()  # type: ignore[no-untyped-call] # of the SDK

    def _payment(self, intent: stripe.PaymentIntent) -> ProviderPayment:
        return objects.payment(intent, pay_page=self._pay_page)

    async def _find_intent(self, reference: str) -> stripe.PaymentIntent:
        return await self._stripe.v1.payment_intents.retrieve_async(
            reference, {"expand": requests.PAYMENT_DETAILS}
        )

    @asynccontextmanager
    async def _ask(self, *, moves_money: bool = False) -> AsyncIterator[None]:
        """Ask Stripe unless it did not answer before. Errors of the SDK become ours."""
        try:
            async with self._breaker:
                yield
        except CircuitOpen as error:
            reason = f"Stripe did not answer: {error.reason}"
            raise NoAnswer(reason, after=error.seconds) from error
        except stripe.StripeError as error:
            raise classify(error, moves_money=moves_money) from error
