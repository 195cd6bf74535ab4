"""Amounts in Paystack's units: a hundredth of each currency, also where it has no such coin.

Source: https://paystack.com/docs/api#supported-currency
"""

from core.money import exponent
from gateways.payments.errors import ProviderRefused

CURRENCIES = frozenset({"GHS", "KES", "NGN", "USD", "XOF", "ZAR"})
DECIMALS = 2


def to_paystack(amount: int, currency: str) -> int:
    """Return an amount in minor units as Paystack wants it. Raises `ProviderRefused`."""
    if currency not in CURRENCIES:
        raise ProviderRefused(f"Paystack does not know {currency}.", code="currency_not_supported")
    return amount * int(10 ** (DECIMALS - exponent(currency)))


def from_paystack(amount: int | str, currency: str) -> int:
    """Return an amount of Paystack in minor units. Fractions, which fees can have, are rounded."""
    by, given = int(10 ** (DECIMALS - exponent(currency))), int(amount)
    rounded = (abs(given) + by // 2) // by
    return rounded if given >= 0 else -rounded
