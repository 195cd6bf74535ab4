"""Tax numbers that can exist, and those that cannot."""

import pytest

from core.countries.tax_ids import read_tax_id

ACCEPTED = {
    ("IN", " 27aapfu0939f1zv "): ("GSTIN", "27AAPFU0939F1ZV"),
    ("IN", "38AAPFU0939F1ZS"): ("GSTIN", "38AAPFU0939F1ZS"),  # of Ladakh
    ("IN", "AAPFU-0939-F"): ("PAN", "AAPFU0939F"),
    ("DE", "DE 136 695 976"): ("VAT", "136695976"),
    ("GR", "EL094259216"): ("VAT", "094259216"),  # the prefix is not the country's code
    ("US", "91-1144442"): ("EIN", "911144442"),
    ("BR", "16.727.230/0001-97"): ("CNPJ", "16727230000197"),
    ("NG", "12345678-0001"): ("TAX_ID", "123456780001"),
}
REFUSED = [
    ("IN", ""),
    ("IN", "27AAPFU0939F1ZW"),  # the check character
    ("IN", "38AAPFU0939F1ZT"),
    ("DE", "136695977"),
    ("US", "07-8051120"),  # no prefix of the authority
    ("NG", "४५६७८९"),
    ("NG", "COMPANY"),
    ("NG", "1" * 1_000_000),
]


@pytest.mark.parametrize(("written", "normal"), ACCEPTED.items())
def test_a_tax_number_has_one_form(written: tuple[str, str], normal: tuple[str, str]) -> None:
    country, text = written
    assert read_tax_id(text, country) == normal


@pytest.mark.parametrize(("country", "text"), REFUSED)
def test_other_numbers_are_refused(country: str, text: str) -> None:
    assert read_tax_id(text, country) is None
