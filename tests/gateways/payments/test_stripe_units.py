"""Amounts in Stripe's units: exact both ways, or refused."""

import pytest

from gateways.payments.errors import ProviderRefused
from gateways.payments.stripe.units import from_stripe, payable, to_stripe


@pytest.mark.parametrize(
    ("currency", "amount", "at_stripe"),
    [
        ("USD", 1234, 1234),
        ("JPY", 1234, 1234),
        ("ISK", 1234, 123400),
        ("UGX", 1234, 123400),
        ("MGA", 123400, 1234),
        ("KWD", 1230, 1230),
        ("HUF", 1234, 1234),
        ("LAK", 1234, 1234),
    ],
)
def test_amounts_have_the_units_of_stripe(currency: str, amount: int, at_stripe: int) -> None:
    assert to_stripe(amount, currency) == at_stripe
    assert from_stripe(at_stripe, currency) == amount


@pytest.mark.parametrize(("currency", "amount"), [("MGA", 123450), ("KWD", 1234)])
def test_fractions_that_stripe_does_not_have_are_refused(currency: str, amount: int) -> None:
    with pytest.raises(ProviderRefused) as raised:
        to_stripe(amount, currency)
    assert raised.value.code == "invalid_amount"


@pytest.mark.parametrize(
    ("currency", "amount", "paid_out"),
    [
        ("USD", 1234, 1234),
        ("HUF", 1234, 1200),
        ("TWD", 1299, 1200),
        ("ISK", 1234, 1234),
        ("KWD", 1234, 1230),
        ("MGA", 1234, 1200),
        ("JPY", 7, 7),
        ("HUF", 99, 0),
    ],
)
def test_payouts_are_rounded_down(currency: str, amount: int, paid_out: int) -> None:
    assert payable(amount, currency) == paid_out


def test_fees_are_rounded() -> None:
    assert from_stripe(149, "ISK") == 1
    assert from_stripe(150, "ISK") == 2
    assert from_stripe(-150, "ISK") == -2
