"""Test cards: what happens to a card depends on its number, or the name of a test method.

Source: https://docs.stripe.com/testing
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from payments_stand_in.stripe.refusals import Refused


@dataclass(frozen=True)
class Card:
    """How a card behaves. `declines` is the code of the decline, and `reason` the bank's."""

    number: str
    name: str
    brand: str = "visa"
    country: str = "US"
    declines: str | None = None
    reason: str | None = None
    asks: str | None = None  # for the buyer's confirmation: "always", or "unless_set_up"
    disputes: str | None = None
    inquiry: bool = False
    refunds: str = "succeeded"
    funds_at_once: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]


def _declined(number: str, name: str, reason: str, code: str = "card_declined") -> Card:
    return Card(number, name, declines=code, reason=reason)


ALL = (
    Card("4242424242424242", "pm_card_visa"),
    Card("4000056655665556", "pm_card_visa_debit"),
    Card("5555555555554444", "pm_card_mastercard", "mastercard"),
    Card("378282246310005", "pm_card_amex", "amex"),
    Card("6200000000000005", "pm_card_unionpay", "unionpay", "CN"),
    Card("4000002760000016", "pm_card_de", country="DE"),
    Card("4000003560000008", "pm_card_in", country="IN"),
    Card("4000000000000077", "pm_card_bypassPending", funds_at_once=True),
    _declined("4000000000000002", "pm_card_chargeDeclined", "generic_decline"),
    _declined(
        "4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"
    ),
    _declined("4000000000009987", "pm_card_chargeDeclinedLostCard", "lost_card"),
    _declined("4000000000009979", "pm_card_chargeDeclinedStolenCard", "stolen_card"),
    _declined(
        "4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"
    ),
    _declined(
        "4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"
    ),
    _declined(
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        "processing_error",
        "processing_error",
    ),
    _declined("4000000000000341", "pm_card_chargeCustomerFail", "generic_decline"),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", asks="unless_set_up"),
    Card("4000002760003184", "pm_card_authenticationRequired", asks="always"),
    Card("4000000000003220", "pm_card_threeDSecure2Required", asks="always"),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        declines="card_declined",
        reason="insufficient_funds",
        asks="always",
    ),
    Card("4000000000000259", "pm_card_createDispute", disputes="fraudulent"),
    Card("4000000000002685", "pm_card_createDisputeProductNotReceived",
         disputes="product_not_received"),
    Card("4000000000001976", "pm_card_createDisputeInquiry", disputes="fraudulent", inquiry=True),
    Card("4000000000007726", "pm_card_pendingRefund", refunds="pending"),
    Card("4000000000005126", "pm_card_refundFail", refunds="failed"),
)  # fmt: skip
BY_NUMBER = {card.number: card for card in ALL}
BY_NAME = {card.name: card for card in ALL}


def find_card(number: str, month: int, year: int) -> Card:
    """Return the card of a number that a buyer entered. Raises `Refused` as Stripe does."""
    digits = number.replace(" ", "")
    if digits not in BY_NUMBER:
        known = "Your card number is incorrect. The stand-in knows the test cards of Stripe alone."
        raise Refused("incorrect_number", known, status=402, kind="card_error", param="number")
    today = datetime.now(UTC)
    full_year = year + 2000 if year < 100 else year
    if not 1 <= month <= 12 or (full_year, month) < (today.year, today.month):
        text = "Your card's expiration date is in the past."
        raise Refused("invalid_expiry_year", text, status=402, kind="card_error", param="exp_year")
    return BY_NUMBER[digits]
