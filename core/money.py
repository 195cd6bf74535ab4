"""Money as integer minor units of a currency, never a float."""

from decimal import Decimal

from babel.numbers import get_currency_precision, list_currencies

CURRENCIES = frozenset(list_currencies())


def decimal(amount_minor: int, currency: str) -> str:
    """Return the amount in major units: 123450 is "1234.50" in INR and "123450" in JPY."""
    places = get_currency_precision(currency)
    return str(Decimal(amount_minor).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
