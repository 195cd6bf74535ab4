"""Money: whole minor units, shown with the digits of its currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CURRENCIES, MINOR_UNITS, decimal, exponent
from core.settings import HOME
from schema.money import money_of


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (123450, "INR", "1234.50"),
        (123450, "JPY", "123450"),
        (1234567, "KWD", "1234.567"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (0, "USD", "0.00"),
        (123450, "RSD", "1234.50"),
        (1234567, "IQD", "1234.567"),
        (2**63 - 1, "NGN", "92233720368547758.07"),
        (-(2**63), "KWD", "-9223372036854775.808"),
    ],
)
def test_money_as_a_decimal(amount: int, currency: str, shown: str) -> None:
    assert decimal(amount, currency) == shown


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(sorted(CURRENCIES)))
def test_money_loses_nothing(amount: int, currency: str) -> None:
    shown = decimal(amount, currency)
    assert "E" not in shown
    assert int(shown.replace(".", "")) == amount


def test_minor_units_are_those_of_iso_4217() -> None:
    """ISO 4217, table A.1, as published by SIX. CLDR has no digits for these thirteen.

    https://www.six-group.com/dam/download/financial-information/data-center/iso-currrency/lists/list-one.xml
    """
    named = {"IQD": 3} | dict.fromkeys(
        ("AFN", "ALL", "IRR", "KPW", "LAK", "LBP", "MGA", "MMK", "RSD", "SOS", "SYP", "YER"), 2
    )
    assert named == MINOR_UNITS
    others = {"JPY": 0, "ISK": 0, "UGX": 0, "HUF": 2, "TWD": 2, "KWD": 3, "TND": 3, "CLF": 4}
    for currency, places in (named | others).items():
        assert exponent(currency) == places


@pytest.mark.parametrize("currency", MINOR_UNITS)
def test_the_schema_has_the_same_digits(currency: str) -> None:
    whole, _, digits = str(decimal(money_of(12345, currency).amount_minor, currency)).partition(".")
    assert (len(digits), whole + digits) == (MINOR_UNITS[currency], "12345")


def test_nothing_else_asks_for_the_digits_of_cldr() -> None:
    folders = ("core", "engine", "models", "services", "schema", "gateways", "jobs", "web")
    found = {
        str(path.relative_to(HOME))
        for folder in folders
        for path in (HOME / folder).rglob("*.py")
        if "get_currency_precision" in path.read_text()
    }
    assert found == {"core/money.py"}
