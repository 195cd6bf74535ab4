"""Money: whole minor units, shown with the digits of its currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CURRENCIES, decimal


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (123450, "INR", "1234.50"),
        (123450, "JPY", "123450"),
        (1234567, "KWD", "1234.567"),
        (5, "EUR", "0.05"),
        (-5, "EUR", "-0.05"),
        (0, "USD", "0.00"),
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
