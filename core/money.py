"""Money as whole minor units of a currency, never a float."""

from decimal import Decimal

from babel.numbers import get_currency_precision, list_currencies

CURRENCIES = frozenset(list_currencies())


def decimal(amount_minor: int, currency: str) -> str:
    """`123450` of INR is "1234.50", of JPY "123450"; digits after ISO 4217 as CLDR has it."""
    places = get_currency_precision(currency)
    return str(Decimal(amount_minor).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
