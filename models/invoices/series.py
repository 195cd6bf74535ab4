"""Series of invoices: numbers without a gap, by issuer, kind and fiscal year."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint

from models.base import Row, enum_column, optional_foreign_key
from models.personal_data import of_others
from models.pricing.tax_rules import INDIA

MAX_NUMBER_LENGTH = 16  # rule 46(b) of the Central Goods and Services Tax Rules, 2017
DIGITS = 6  # at least
MAX_IN_SERIES = 9_999_999  # with the longest prefix, a number has 16 characters then
FIRST_MONTH = {INDIA: 4}  # of a fiscal year. Elsewhere it is January


class InvoiceKind(StrEnum):
    """The kind of document. Each is numbered by itself.

    A BILL_OF_SUPPLY is of a vendor that pays a composition, or of goods that are exempt. A RECEIPT
    is of a seller without a registration, or of a payment that is not a supply yet.
    """

    prefix: str

    def __new__(cls, name: str, prefix: str) -> "InvoiceKind":
        member = str.__new__(cls, name)
        member._value_ = name
        member.prefix = prefix
        return member

    TAX_INVOICE = "TAX_INVOICE", "INV"
    BILL_OF_SUPPLY = "BILL_OF_SUPPLY", "BOS"
    CREDIT_NOTE = "CREDIT_NOTE", "CRN"
    COMMISSION = "COMMISSION", "COM"
    RECEIPT = "RECEIPT", "RCT"


class InvoiceSeries(Row, table=True):
    """The next number of an issuer, a kind and a fiscal year. The platform has no `issuer_id`.

    The row is locked from the moment a number is taken until the commit. A number that is rolled
    back is the next one again, so there are no gaps.
    """

    __tablename__ = "invoice_series"
    __table_args__ = (
        UniqueConstraint("issuer_id", "kind", "fiscal_year", postgresql_nulls_not_distinct=True),
        CheckConstraint("fiscal_year BETWEEN 2000 AND 2999", name="fiscal_year"),
        CheckConstraint(f"next BETWEEN 1 AND {MAX_IN_SERIES + 1}", name="next"),
    )
    __privacy__ = of_others(none="fiscal_year next")

    issuer_id: UUID | None = optional_foreign_key("vendor", index=False)
    kind: InvoiceKind = enum_column(InvoiceKind)
    fiscal_year: int
    next: int = 1


def fiscal_year_of(day: date, country: str) -> int:
    """Return the calendar year in which the fiscal year of a day begins."""
    return day.year - (day.month < FIRST_MONTH.get(country, 1))


def last_day_of(fiscal_year: int, country: str) -> date:
    """Return the last day of a fiscal year."""
    month = FIRST_MONTH.get(country, 1)
    return date.fromordinal(date(fiscal_year + 1, month, 1).toordinal() - 1)


def format_fiscal_year(fiscal_year: int, country: str) -> str:
    """Return the year as numbers have it: 2627 in India, 2026 elsewhere."""
    if FIRST_MONTH.get(country, 1) == 1:
        return str(fiscal_year)
    return f"{fiscal_year % 100:02}{(fiscal_year + 1) % 100:02}"


def format_number(kind: InvoiceKind, fiscal_year: int, country: str, place: int) -> str:
    """Return a number such as INV/2627/000001."""
    return f"{kind.prefix}/{format_fiscal_year(fiscal_year, country)}/{place:0{DIGITS}}"
