"""Providers for the tests of the contract: each has a gateway, a currency and a paying buyer."""

import os
from abc import ABC, abstractmethod
from typing import Any, Self
from uuid import UUID

import httpx
import pytest

from core.ids import new_id
from gateways.payments.gateway import NewPayment, PaymentGateway, ProviderPayment
from gateways.payments.paystack.gateway import PaystackGateway
from gateways.payments.stripe.gateway import StripeGateway
from payments_stand_in.state import SECRET_KEY
from tests.payment_providers import RunningStandIn

# Test keys of real accounts, for `make test-live`.
STRIPE_KEY, PAYSTACK_KEY = "STRIPE_TEST_SECRET_KEY", "PAYSTACK_TEST_SECRET_KEY"
# Paystack charges without a page only a card that was used before: its code, and its customer.
PAYSTACK_CARD, PAYSTACK_EMAIL = "PAYSTACK_TEST_AUTHORIZATION", "PAYSTACK_TEST_EMAIL"
STRIPE_URL, PAYSTACK_URL = "https://api.stripe.com", "https://api.paystack.co"


class Provider(ABC):
    """A gateway, and what a test needs besides."""

    gateway: PaymentGateway
    wrong_key: PaymentGateway
    currency: str
    evidence: str  # the provider's name of the explanation
    file: str  # and of the document
    stand_in: RunningStandIn | None = None

    @classmethod
    @abstractmethod
    def of_stand_in(cls, stand_in: RunningStandIn) -> Self: ...

    @classmethod
    @abstractmethod
    def live(cls) -> Self | None:
        """Return the real provider, None without its test keys."""

    @abstractmethod
    async def paid(self, payment_id: UUID) -> ProviderPayment:
        """Return a payment that a buyer has paid."""

    async def disputed(self) -> tuple[ProviderPayment, str]:
        """Return a payment and its dispute, which test modes cannot open at will."""
        if self.stand_in is None:
            pytest.skip("Disputes are opened in the stand-in alone.")
        payment = await self.paid(new_id())
        opened = self.stand_in.act("dispute", id=payment.reference)
        return payment, str(opened["id"])

    def end(self, action: str, reference: str) -> None:
        assert self.stand_in
        self.stand_in.act(action, id=reference)

    def wanted(self, payment_id: UUID | None = None, **given: Any) -> NewPayment:
        fields = {"amount": 50_000, "currency": self.currency, "email": "buyer@haat.example"}
        return NewPayment(payment_id or new_id(), description="Order 1", **{**fields, **given})


class StripeProvider(Provider):
    currency = "EUR"
    evidence, file = "uncategorized_text", "uncategorized_file"

    def __init__(self, key: str, url: str) -> None:
        self.gateway = StripeGateway(key, (), url)
        self.wrong_key = StripeGateway("pk_wrong", (), url)

    @classmethod
    def of_stand_in(cls, stand_in: RunningStandIn) -> Self:
        made = cls(SECRET_KEY, stand_in.url)
        made.stand_in = stand_in
        return made

    @classmethod
    def live(cls) -> Self | None:
        key = os.environ.get(STRIPE_KEY)
        return cls(key, STRIPE_URL) if key else None

    async def paid(self, payment_id: UUID) -> ProviderPayment:
        wanted = self.wanted(payment_id, method="pm_card_visa")
        return await self.gateway.create_payment(wanted, key=str(payment_id))


class PaystackProvider(Provider):
    currency = "NGN"
    evidence, file = "service_details", "uploaded_filename"

    def __init__(self, key: str, url: str, card: str, email: str) -> None:
        self.gateway = PaystackGateway(key, url)
        self.wrong_key = PaystackGateway("pk_wrong", url)
        self._card, self._email = card, email

    @classmethod
    def of_stand_in(cls, stand_in: RunningStandIn) -> Self:
        """Return the stand-in, with a card that a buyer has used."""
        url, email = f"{stand_in.url}/paystack", "used@haat.example"
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        body = {"email": email, "amount": 50_000, "currency": "NGN"}
        opened = httpx.post(f"{url}/transaction/initialize", json=body, headers=headers).json()
        paid = stand_in.act("pay_transaction", id=opened["data"]["reference"])
        made = cls(SECRET_KEY, url, paid["authorization"]["authorization_code"], email)
        made.stand_in = stand_in
        return made

    @classmethod
    def live(cls) -> Self | None:
        found = [os.environ.get(one, "") for one in (PAYSTACK_KEY, PAYSTACK_CARD, PAYSTACK_EMAIL)]
        return cls(found[0], PAYSTACK_URL, found[1], found[2]) if all(found) else None

    async def paid(self, payment_id: UUID) -> ProviderPayment:
        wanted = self.wanted(payment_id, method=self._card, email=self._email)
        return await self.gateway.create_payment(wanted, key=str(payment_id))


PROVIDERS: dict[str, type[Provider]] = {"stripe": StripeProvider, "paystack": PaystackProvider}
