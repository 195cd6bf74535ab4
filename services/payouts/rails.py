"""The rails that a server offers, by currency."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateways.payments.gateway import PaymentGateways
from models.payouts.accounts import PayoutRail, RailNotOffered
from models.payouts.banks import PAYSTACK_COUNTRIES
from models.payouts.files import PayoutFormat


@dataclass(frozen=True)
class RailOffers:
    """The rails of the providers that are set up, and of files of banks."""

    gateways: PaymentGateways

    def of(self, currency: str) -> Sequence[PayoutRail]:
        """Return the rails for a currency. Stripe does not pay vendors in India."""
        return [rail for rail in PayoutRail if self._offers(rail, currency)]

    def ensure_onboarding(self, rail: PayoutRail, currency: str) -> None:
        """Raise `RailNotOffered` unless vendors enter their account on a page of the provider."""
        provider = rail.provider
        gateway = self.gateways.get(provider) if provider else None
        if not self._offers(rail, currency) or gateway is None or not gateway.has_onboarding:
            raise RailNotOffered(currency=currency, field=["rail"])

    def ensure_bank(self, rail: PayoutRail, currency: str) -> None:
        """Raise `RailNotOffered` unless a bank account can be set for it."""
        if rail is PayoutRail.STRIPE or not self._offers(rail, currency):
            raise RailNotOffered(currency=currency, field=["rail"])

    def _offers(self, rail: PayoutRail, currency: str) -> bool:
        if rail is PayoutRail.BANK_FILE:
            return PayoutFormat.of(currency) is not None
        if rail.provider not in self.gateways:
            return False
        if rail is PayoutRail.PAYSTACK:
            return currency in PAYSTACK_COUNTRIES
        return currency != "INR"
