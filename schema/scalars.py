"""Scalars that say what they hold, and refuse what they should."""

from datetime import datetime
from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.errors import BadInput
from core.money import CURRENCIES

BigInt = NewType("BigInt", int)
CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)

SAFE = 2**53


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadInput("A DateTime is written as 2026-05-31T18:30:00Z (RFC 3339).") from error
    if moment.tzinfo is None:
        raise BadInput("A DateTime needs its offset from UTC, such as Z or +05:30.")
    return moment


def _big_int(value: Any) -> int:
    try:
        number = int(value) if not isinstance(value, bool | float) else None
    except (TypeError, ValueError):
        number = None
    if number is None or abs(number) >= SAFE:
        raise BadInput("A BigInt is a whole number of at most 2^53 - 1, as a number or a string.")
    return number


def _currency(value: Any) -> str:
    if value not in CURRENCIES:
        raise BadInput("A CurrencyCode has three letters, such as INR (ISO 4217).")
    return str(value)


def _country(value: Any) -> str:
    if not (isinstance(value, str) and len(value) == 2 and value.isascii() and value.isupper()):
        raise BadInput("A CountryCode has two letters, such as IN (ISO 3166-1).")
    return value


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, as RFC 3339 writes it: `2026-05-31T18:30:00Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=lambda moment: moment.isoformat().replace("+00:00", "Z"),
        parse_value=_moment,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of at most 2^53 - 1; given as a number or a string.",
        serialize=int,
        parse_value=_big_int,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="Three letters for a currency, such as INR (ISO 4217).",
        serialize=str,
        parse_value=_currency,
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="Two letters for a country, such as IN (ISO 3166-1).",
        serialize=str,
        parse_value=_country,
    ),
}
