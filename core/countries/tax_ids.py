"""Tax numbers of businesses, checked by the rules of their country."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase, digits
from typing import NamedTuple

from stdnum import get_cc_module, luhn
from stdnum.exceptions import ValidationError
from stdnum.in_ import pan

MAX_TAX_ID_LENGTH = 20
# The numbers that a business has, in the order in which they are tried. Others have a VAT number.
KINDS: Mapping[str, Sequence[str]] = {
    "BR": ("cnpj", "cpf"),
    "GB": ("vat", "utr"),
    "IN": ("gstin", "pan"),
    "KE": ("pin",),
    "US": ("ein",),
    "ZA": ("tin",),
}
OTHER = "TAX_ID"  # of countries whose rules are not known
# Ladakh is a union territory since 2019. python-stdnum 2.2 has the codes of 2017.
_OF_LADAKH = re.compile(r"38[A-Z]{5}[0-9]{4}[A-Z][1-9A-Z]Z[0-9A-Z]")
_SEPARATORS = re.compile(r"[\s./-]")
_PLAIN = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}")


class TaxId(NamedTuple):
    """A number in its normal form, and its kind, such as GSTIN or VAT."""

    kind: str
    number: str


def read_tax_id(text: str, country: str) -> TaxId | None:
    """Return the tax number of a country in any spelling, or None if it cannot be one.

    The check digit is verified where the country has one. Nigeria, the Emirates and others have no
    public rule: there only the characters and the length are checked.
    """
    if (plain := plain_tax_id(text)) is None:
        return None
    if country == "IN" and _is_gstin_of_ladakh(plain):
        return TaxId("GSTIN", plain)
    rules = {kind: get_cc_module(country, kind) for kind in KINDS.get(country, ("vat",))}
    known = {kind: rule for kind, rule in rules.items() if rule is not None}
    for kind, rule in known.items():
        try:
            return TaxId(kind.upper(), str(rule.validate(plain)).upper())
        except ValidationError:
            continue
    return None if known else TaxId(OTHER, plain)


def plain_tax_id(text: str) -> str | None:
    """Return a number in upper case without separators, or None if it cannot be a tax number."""
    plain = _SEPARATORS.sub("", text).upper()
    return plain if _PLAIN.fullmatch(plain) else None


def _is_gstin_of_ladakh(plain: str) -> bool:
    if _OF_LADAKH.fullmatch(plain) is None:
        return False
    return pan.is_valid(plain[2:12]) and luhn.is_valid(plain, digits + ascii_uppercase)
