"""Scalars for email addresses, telephone numbers and URLs."""

from typing import Any, NewType

import phonenumbers
import strawberry
from pydantic import HttpUrl, TypeAdapter, ValidationError
from strawberry.types.scalar import ScalarDefinition

from core.errors import BadInput
from core.text.email_addresses import normalize_email

EmailAddress = NewType("EmailAddress", str)
PhoneNumber = NewType("PhoneNumber", str)
URL = NewType("URL", str)

MAX_URL_LENGTH = 2_000
HTTP_URL = TypeAdapter(HttpUrl)


def _parse_email(value: Any) -> str:
    normal = normalize_email(value) if isinstance(value, str) else None
    if normal is None:
        raise BadInput("Enter an email address such as asha@example.com.")
    return normal


def _parse_phone(value: Any) -> str:
    try:
        number = phonenumbers.parse(value)
    except (phonenumbers.NumberParseException, TypeError, AttributeError) as error:
        raise BadInput(
            "Enter a phone number that starts with + and the country code, such as +918026543210."
        ) from error
    if not phonenumbers.is_valid_number(number):
        raise BadInput("This phone number does not exist in its country. Check its digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parse_url(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_URL_LENGTH:
        raise BadInput("A web address can have at most {most} characters.", most=MAX_URL_LENGTH)
    try:
        return str(HTTP_URL.validate_python(value))
    except ValidationError as error:
        raise BadInput("Enter a web address that starts with http:// or https://.") from error


ADDRESSES: dict[object, ScalarDefinition] = {
    EmailAddress: strawberry.scalar(
        name="EmailAddress",
        description="An email address, such as asha@example.com.",
        serialize=str,
        parse_value=_parse_email,
    ),
    PhoneNumber: strawberry.scalar(
        name="PhoneNumber",
        description="A telephone number in E.164 format, such as +918026543210.",
        specified_by_url="https://www.itu.int/rec/T-REC-E.164",
        serialize=str,
        parse_value=_parse_phone,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An absolute URL with http or https, at most 2,000 characters.",
        specified_by_url="https://url.spec.whatwg.org",
        serialize=str,
        parse_value=_parse_url,
    ),
}
