"""New objects as Stripe is asked for them."""

from stripe.params import AccountCreateParams, PaymentIntentCreateParams

from gateways.payments.gateway import NewPayment, NewPayoutAccount
from gateways.payments.stripe.objects import PAYMENT_ID
from gateways.payments.stripe.units import to_stripe

PAYMENT_DETAILS = ["latest_charge.balance_transaction"]
MAX_METADATA = 500


def payment(wanted: NewPayment, *, on_page: bool) -> PaymentIntentCreateParams:
    """Return a payment. Buyers pay `on_page` in development, from which they return."""
    metadata = {PAYMENT_ID: str(wanted.payment_id)}
    params: PaymentIntentCreateParams = {
        "amount": to_stripe(wanted.amount, wanted.currency),
        "currency": wanted.currency.lower(),
        "description": wanted.description,
        "automatic_payment_methods": {"enabled": True},
        "expand": PAYMENT_DETAILS,
    }
    if wanted.customer:
        params["customer"] = wanted.customer
    if wanted.save_method:
        params["setup_future_usage"] = "off_session"
    if wanted.method:
        params |= {"confirm": True, "payment_method": wanted.method}
        if wanted.off_session:
            params["off_session"] = True
        if wanted.return_url:
            params["return_url"] = wanted.return_url
        else:
            params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    elif on_page and wanted.return_url and len(wanted.return_url) <= MAX_METADATA:
        metadata["return_url"] = wanted.return_url  # for the form of the stand-in
    params["metadata"] = metadata
    return params


def account(wanted: NewPayoutAccount) -> AccountCreateParams:
    """Return an account that the vendor completes. Its money moves on our payouts alone."""
    return {
        "business_profile": {"name": wanted.name},
        "capabilities": {"transfers": {"requested": True}},
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "stripe_dashboard": {"type": "express"},
        },
        "country": wanted.country,
        "default_currency": wanted.currency.lower(),
        "metadata": {"payout_account_id": str(wanted.payout_account_id)},
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
    }
