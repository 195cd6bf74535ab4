"""Phone numbers that get codes, and those that do not."""

import pytest

from core.countries.phone_numbers import block_of, is_served, normalize_phone

ACCEPTED = {
    "+91 98200 12345": "+919820012345",
    "+919820012345": "+919820012345",
    " +49 (1512) 345-6789 ": "+4915123456789",
    "+1 415 555 2671": "+14155552671",
    "+234 803 123 4567": "+2348031234567",
}
REFUSED = [
    "",
    "9820012345",  # without the country
    "+91 22 2345 6789",  # a fixed line
    "+٩١٩٨٢٠٠١٢٣٤٥",
    "tel:+919820012345",
    "+919820012345x9",
    "+919820012345;ext=9",
    "+49 900 1 234567",  # premium
    "+1 800 555 0199",  # toll-free
    "+91" + "9" * 40,
    "+91982001234\u0000",
]


@pytest.mark.parametrize(("written", "normal"), ACCEPTED.items())
def test_a_mobile_number_has_one_form(written: str, normal: str) -> None:
    assert normalize_phone(written) == normal
    assert is_served(normal, {"IN", "DE", "US", "NG"})
    assert not is_served(normal, {"FR"})


@pytest.mark.parametrize("written", REFUSED)
def test_other_numbers_are_refused(written: str) -> None:
    assert normalize_phone(written) is None


def test_a_satellite_is_not_served() -> None:
    """The library takes it for a mobile phone, but of no country."""
    assert not is_served("+870773111632", {"IN", "NG", "US", "DE"})


def test_a_block_is_ten_thousand_numbers() -> None:
    assert block_of("+919820012345") == block_of("+919820019999") != block_of("+919820022345")
