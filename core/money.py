"""Money as integer minor units of a currency, never a float."""

from decimal import Decimal
from typing import NamedTuple

from babel.numbers import get_currency_precision, list_currencies

CURRENCIES = frozenset(list_currencies())
# The minor units of ISO 4217 where they differ from CLDR, which has the digits that people write.
# Providers of payments count in those of ISO 4217: an amount would be a hundred times too high.
MINOR_UNITS = {
    "AFN": 2,
    "ALL": 2,
    "IQD": 3,
    "IRR": 2,
    "KPW": 2,
    "LAK": 2,
    "LBP": 2,
    "MGA": 2,
    "MMK": 2,
    "RSD": 2,
    "SOS": 2,
    "SYP": 2,
    "YER": 2,
}


class Amount(NamedTuple):
    """An amount in minor units of a currency."""

    amount_minor: int
    currency: str


def exponent(currency: str) -> int:
    """Return the decimal places of a currency's minor unit by ISO 4217: 2 for INR, 0 for JPY."""
    return MINOR_UNITS.get(currency, get_currency_precision(currency))


def decimal(amount_minor: int, currency: str) -> str:
    """Return the amount in major units: 123450 is "1234.50" in INR and "123450" in JPY."""
    return str(in_major_units(amount_minor, currency))


def in_major_units(amount_minor: int, currency: str) -> Decimal:
    """Return the amount in major units, with the currency's decimal places.

    As a value of a `UserMessage`, it is written as the reader's language does.
    """
    places = exponent(currency)
    return Decimal(amount_minor).scaleb(-places).quantize(Decimal(1).scaleb(-places))
