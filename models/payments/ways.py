"""How a buyer pays: the providers that can be chosen, and refusals of payments."""

from collections.abc import Mapping
from uuid import UUID

from pydantic import BaseModel

from models.errors import Refusal
from models.payments.payments import PaymentProvider

# Minor units. The providers refuse less: https://docs.stripe.com/currencies and
# https://paystack.com/docs/api/#supported-currency
MINIMUMS: Mapping[PaymentProvider, Mapping[str, int]] = {
    PaymentProvider.STRIPE: {
        "AED": 2_00, "AUD": 50, "BGN": 1_00, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 15_00,
        "DKK": 2_50, "EUR": 50, "GBP": 30, "HKD": 4_00, "HUF": 175_00, "INR": 50, "JPY": 50,
        "MXN": 10_00, "MYR": 2_00, "NOK": 3_00, "NZD": 50, "PLN": 2_00, "RON": 2_00, "SEK": 3_00,
        "SGD": 50, "THB": 10_00, "USD": 50,
    },
    PaymentProvider.PAYSTACK: {
        "NGN": 50_00, "GHS": 10, "ZAR": 1_00, "KES": 3_00, "USD": 2_00, "XOF": 1,
    },
}  # fmt: skip


class PaymentWay(BaseModel, frozen=True):
    """How a buyer wants to pay.

    `return_url` is where the provider's page leads back to. With a `method_id`, a saved method is
    charged; with `saves_method`, the new one is kept.
    """

    provider: PaymentProvider
    return_url: str | None = None
    method_id: UUID | None = None
    saves_method: bool = False


class ProviderNotAvailable(Refusal):
    message = "You cannot pay in this way here. Choose another way."
    meaning = "The provider is not set up, or does not take payments in this currency."
    remedy = "Offer the providers of `paymentProviders`."


class PaymentTooSmall(Refusal):
    message = "The amount is too small to be paid in this way. Choose another way."
    meaning = "The provider does not take payments as small as this one."
    remedy = "Offer another provider, or the wallet."


class PaymentInProgress(Refusal):
    message = "Your bank is still working on the payment. Wait a minute, and try again."
    meaning = (
        "The live payment of the order cannot be cancelled now: the bank decides about it, or the"
        " provider does not answer."
    )
    remedy = "Show the order's payment, and follow `orderChanges`. Try again in a minute."


class PaymentDeclined(Refusal):
    message = "The payment was declined. Choose another way to pay."
    meaning = "The bank has declined the saved method, or the provider refuses the payment."
    remedy = "Let the user pay with another method. The order can be paid until `holdUntil`."
