"""Tax numbers of vendors and buyers, as the place of the business requires them."""

from collections.abc import Mapping

from core.countries.addresses import subdivisions
from core.countries.tax_ids import plain_tax_id, read_tax_id
from models.errors import Refusal
from models.pricing.tax_rules import (
    EUROPEAN_UNION,
    INDIA,
    UNITED_STATES,
    Jurisdiction,
    gst_state,
)

# The kinds of numbers that are given for a registration. Elsewhere it is any tax number.
KINDS: Mapping[str, str] = {
    INDIA: "GSTIN",
    "GB": "VAT",
    **dict.fromkeys(EUROPEAN_UNION, "VAT"),
}


class TaxIdInvalid(Refusal):
    message = "This is not a tax number of {country}. Check it, and enter it as on your documents."
    meaning = (
        "The tax number is not one of the country: its length, characters or check. Or it is of"
        " another state of India than the address."
    )
    remedy = "Show `message` next to the field, so that the user can correct it."


def check_tax_number(text: str, place: Jurisdiction, *, field: list[str]) -> str:
    """Return the number of a business that is registered in a place, in its normal form.

    Raises `TaxIdInvalid`, also for a GSTIN of another state than that of the place.
    """
    number = _read(text, place.country)
    if number is None:
        raise TaxIdInvalid(country=place.country, field=field)
    if place.country == INDIA and number[:2] != gst_state(place.subdivision):
        raise TaxIdInvalid(
            "This tax number is of another state than the address. Check both.", field=field
        )
    return number


def is_tax_number(text: str, place: Jurisdiction) -> bool:
    """Return whether a text is the number of a business that is registered in a place."""
    try:
        check_tax_number(text, place, field=[])
    except TaxIdInvalid:
        return False
    return True


def state_of_gstin(text: str) -> str | None:
    """Return the state of a GSTIN as addresses write it, None if it has none."""
    wanted = (plain_tax_id(text) or "")[:2]
    states = ((gst_state(name), name) for name in subdivisions(INDIA))
    return next((name for code, name in states if code == wanted), None)


def _read(text: str, country: str) -> str | None:
    """Return a number in its normal form, None if it cannot be one.

    Permits for sales tax have a form of their own in each state of the United States.
    """
    if country == UNITED_STATES:
        return plain_tax_id(text)
    found = read_tax_id(text, country)
    if found is None or found.kind != KINDS.get(country, found.kind):
        return None
    return found.number
