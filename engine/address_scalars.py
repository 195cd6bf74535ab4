"""Scalars for contact details: email address, phone number, URL."""

from typing import Any, NewType

import phonenumbers
import strawberry
from email_validator import EmailNotValidError, validate_email
from pydantic import HttpUrl, TypeAdapter, ValidationError
from strawberry.types.scalar import ScalarDefinition

from core.errors import BadInput

EmailAddress = NewType("EmailAddress", str)
PhoneNumber = NewType("PhoneNumber", str)
URL = NewType("URL", str)

LONGEST = 2_000
WEB = TypeAdapter(HttpUrl)


def _email(value: Any) -> str:
    try:
        return validate_email(value, check_deliverability=False).normalized
    except (EmailNotValidError, TypeError, AttributeError) as error:
        raise BadInput("An EmailAddress must look like asha@example.com.") from error


def _phone(value: Any) -> str:
    try:
        number = phonenumbers.parse(value)
    except (phonenumbers.NumberParseException, TypeError, AttributeError) as error:
        raise BadInput("A PhoneNumber must start with + and the country code (E.164).") from error
    if not phonenumbers.is_valid_number(number):
        raise BadInput("A PhoneNumber must be valid in its country's numbering plan.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _url(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadInput("A URL must be a string of at most {most} characters.", most=LONGEST)
    try:
        return str(WEB.validate_python(value))
    except ValidationError as error:
        raise BadInput("A URL must start with http:// or https://, followed by a host.") from error


ADDRESSES: dict[object, ScalarDefinition] = {
    EmailAddress: strawberry.scalar(
        name="EmailAddress",
        description="An e-mail address, such as asha@example.com.",
        serialize=str,
        parse_value=_email,
    ),
    PhoneNumber: strawberry.scalar(
        name="PhoneNumber",
        description="A telephone number with its country's code, such as +918026543210 (E.164).",
        specified_by_url="https://www.itu.int/rec/T-REC-E.164",
        serialize=str,
        parse_value=_phone,
    ),
    URL: strawberry.scalar(
        name="URL",
        description="An address on the web, with http:// or https://; at most 2,000 characters.",
        specified_by_url="https://url.spec.whatwg.org",
        serialize=str,
        parse_value=_url,
    ),
}
