"""Creates the gateways of the providers that the settings name."""

from urllib.parse import urlsplit

from core.settings import Settings
from core.web.hosts import is_loopback
from gateways.payments.gateway import PaymentGateway, PaymentGateways
from gateways.payments.paystack.gateway import PaystackGateway
from models.payments.payments import PaymentProvider


def create_payment_gateways(settings: Settings) -> PaymentGateways:
    """Return a gateway for each provider with a key. Stripe's SDK is imported only for Stripe.

    A provider of this machine is the stand-in, whose page takes the place of a card form.
    """
    created: dict[PaymentProvider, PaymentGateway] = {}
    if settings.stripe_secret_key:
        from gateways.payments.stripe.gateway import StripeGateway  # noqa: PLC0415 - the SDK is large

        url = settings.stripe_url.rstrip("/")
        created[PaymentProvider.STRIPE] = StripeGateway(
            settings.stripe_secret_key,
            settings.stripe_webhook_secrets,
            url,
            pay_page=f"{url}/pay" if is_loopback(urlsplit(url).hostname) else None,
        )
    if settings.paystack_secret_key:
        created[PaymentProvider.PAYSTACK] = PaystackGateway(
            settings.paystack_secret_key, settings.paystack_url
        )
    return created
