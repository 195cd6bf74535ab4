"""Amounts, days and rates as documents write them, in their language."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_symbol

from core import money
from core.errors import UserMessage
from models.pricing.amounts import BPS
from services.i18n import language_of, translate


@dataclass(frozen=True)
class DocumentFigures:
    """The language and the currency of a document.

    The country of the seller decides how digits are grouped: ₹1,00,000 in India.
    """

    language: str
    country: str
    currency: str

    @classmethod
    def of(cls, locale: str, country: str, currency: str) -> "DocumentFigures":
        return cls(language_of([locale]), country, currency)

    def text(self, message: UserMessage) -> str:
        return translate(message, [self.language])

    @cached_property
    def _locale(self) -> Locale:
        try:
            return Locale.parse(f"{self.language}_{self.country}")
        except (UnknownLocaleError, ValueError):
            return Locale.parse(self.language)

    def money(self, amount: int) -> str:
        """Return an amount with the sign of its currency."""
        decimal = Decimal(money.decimal(amount, self.currency))
        return format_currency(
            decimal, self.currency, self._pattern, self._locale, currency_digits=False
        )

    def amount(self, amount: int) -> str:
        """Return an amount without the sign, for columns."""
        decimal = Decimal(money.decimal(amount, self.currency))
        plain = self._pattern.replace("¤", "").strip("\N{NO-BREAK SPACE} ")
        return format_decimal(decimal, plain, self._locale)

    @cached_property
    def _pattern(self) -> str:
        """Return the pattern of amounts, with the decimal places by ISO 4217."""
        pattern = self._locale.currency_formats["standard"].pattern.partition(";")[0]
        if get_currency_symbol(self.currency, self._locale)[-1].isalpha():
            pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
        places = money.exponent(self.currency)
        return re.sub(r"\.0+", "." + "0" * places if places else "", pattern)

    def percent(self, bps: int) -> str:
        head, _, tail = self._locale.percent_formats[None].pattern.rpartition("0")
        return format_percent(Decimal(bps) / BPS, f"{head}0.##{tail}", self._locale)

    def day(self, day: date) -> str:
        return format_date(day, "long", self._locale)

    def country_name(self, code: str) -> str:
        return str(self._locale.territories.get(code, code))
