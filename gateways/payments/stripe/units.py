"""Amounts in Stripe's units, which differ from the minor units of ISO 4217 for some currencies.

Source: https://docs.stripe.com/currencies, sections “Zero-decimal currencies” and “Special cases”.
"""

from core.money import exponent
from gateways.payments.errors import ProviderRefused

ZERO_DECIMALS = frozenset({
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
})  # fmt: skip
THREE_DECIMALS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})  # the last digit must be 0
# Two decimals which must be 00. Stripe lists UGX among those without decimals too, but its text on
# the currency has 500 for 5 UGX.
WHOLE = frozenset({"ISK", "UGX"})
WHOLE_PAYOUTS = WHOLE | {"HUF", "TWD"}


def to_stripe(amount: int, currency: str) -> int:
    """Return an amount in minor units as Stripe wants it. Raises `ProviderRefused`."""
    difference = _decimals(currency) - exponent(currency)
    times = _power(abs(difference))
    scaled = amount * times if difference >= 0 else _divide(amount, times)
    step = 100 if currency in WHOLE else 10 if currency in THREE_DECIMALS else 1
    if scaled % step:
        raise _fraction(currency)
    return scaled


def from_stripe(amount: int, currency: str) -> int:
    """Return an amount of Stripe in minor units. Fractions, which fees can have, are rounded."""
    difference = exponent(currency) - _decimals(currency)
    by = _power(abs(difference))
    if difference >= 0:
        return amount * by
    rounded = (abs(amount) + by // 2) // by
    return rounded if amount >= 0 else -rounded


def payable(amount: int, currency: str) -> int:
    """Return the greatest amount up to this one that Stripe pays out."""
    difference = _decimals(currency) - exponent(currency)
    step = 100 if currency in WHOLE_PAYOUTS else 10 if currency in THREE_DECIMALS else 1
    by = _power(abs(difference))
    multiple = max(1, step // by) if difference >= 0 else step * by
    return amount - amount % multiple


def _decimals(currency: str) -> int:
    return 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2


def _power(decimals: int) -> int:
    return int(10**decimals)


def _divide(amount: int, by: int) -> int:
    whole, rest = divmod(amount, by)
    if rest:
        raise ProviderRefused("Stripe has no such fraction of the currency.", code="invalid_amount")
    return whole


def _fraction(currency: str) -> ProviderRefused:
    return ProviderRefused(f"Stripe takes no such fraction of {currency}.", code="invalid_amount")
