"""Chooses the payment providers by the settings."""

from core.settings import Settings
from gateways.payments.gateway import PaymentGateway
from models.payments.payments import PaymentProvider


def create_payment_gateways(settings: Settings) -> dict[PaymentProvider, PaymentGateway]:
    """Return the providers that are set up."""
    return {}
