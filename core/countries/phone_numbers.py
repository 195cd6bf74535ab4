"""Phone numbers that can receive a code: their one normal form, and whether they are served."""

import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MAX_PHONE_LENGTH = 40  # of what is parsed
BLOCK_DIGITS = 4  # numbers that differ in the last four digits are often one customer's

# The parser also takes other digits, `tel:` and extensions.
WRITTEN = re.compile(r"\+[0-9][0-9 ().\-/]*")
MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def normalize_phone(text: str) -> str | None:
    """Return the number in E.164, such as +919820012345. None if it cannot receive a code.

    It starts with the country code. Fixed lines, satellites, services and premium numbers are
    valid numbers, but not mobile ones: a code sent there would pay their operators.
    """
    written = text.strip()
    if len(written) > MAX_PHONE_LENGTH or not WRITTEN.fullmatch(written):
        return None
    try:
        number = phonenumbers.parse(written)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    if phonenumbers.number_type(number) not in MOBILE:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_served(number: str, countries: Collection[str]) -> bool:
    """Return whether a number in E.164 is of one of these countries."""
    return country_of(number) in countries


def country_of(number: str) -> str | None:
    """Return the country of a number in E.164, None for one of several or of none."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return region if region and region.isalpha() else None


def block_of(number: str) -> str:
    """Return the block of 10,000 numbers of a number in E.164."""
    return number[:-BLOCK_DIGITS]
