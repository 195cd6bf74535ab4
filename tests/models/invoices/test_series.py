"""Numbers of documents: by issuer, kind and fiscal year, and never too long."""

from datetime import date

import pytest

from models.invoices.series import (
    MAX_IN_SERIES,
    MAX_NUMBER_LENGTH,
    InvoiceKind,
    fiscal_year_of,
    format_number,
    last_day_of,
)

DAYS = [
    (date(2026, 3, 31), "IN", 2025, date(2026, 3, 31)),
    (date(2026, 4, 1), "IN", 2026, date(2027, 3, 31)),
    (date(2026, 12, 31), "DE", 2026, date(2026, 12, 31)),
    (date(2027, 1, 1), "NG", 2027, date(2027, 12, 31)),
]


@pytest.mark.parametrize(("day", "country", "year", "last"), DAYS)
def test_a_fiscal_year_begins_in_april_in_india(
    day: date, country: str, year: int, last: date
) -> None:
    assert fiscal_year_of(day, country) == year
    assert last_day_of(year, country) == last


@pytest.mark.parametrize("kind", InvoiceKind)
@pytest.mark.parametrize("country", ["IN", "DE"])
def test_the_longest_number_is_short_enough(kind: InvoiceKind, country: str) -> None:
    assert len(format_number(kind, 2999, country, MAX_IN_SERIES)) <= MAX_NUMBER_LENGTH
    year = "9900" if country == "IN" else "2999"
    assert format_number(kind, 2999, country, 1) == f"{kind.prefix}/{year}/000001"


def test_no_two_kinds_of_an_issuer_share_a_number() -> None:
    assert len({kind.prefix for kind in InvoiceKind}) == len(InvoiceKind)
