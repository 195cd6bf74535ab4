"""Custom scalars, which reject malformed values."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NewType
from zoneinfo import available_timezones

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.countries.codes import COUNTRIES
from core.errors import BadInput
from core.money import CURRENCIES
from engine.address_scalars import ADDRESSES

BigInt = NewType("BigInt", int)
CountryCode = NewType("CountryCode", str)
CurrencyCode = NewType("CurrencyCode", str)
TimeZone = NewType("TimeZone", str)
LocalDateTime = NewType("LocalDateTime", datetime)

MAX_SAFE_INTEGER = 2**53 - 1
INTEGER = re.compile(r"-?[0-9]{1,16}")
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(?P<offset>Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?"
)
RFC_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LOCAL_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
LOCAL_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
INVALID_LOCAL_DATE_TIME = "Enter a date and time that exist, such as 2026-05-31T18:30."
INVALID_DATE = "Enter a day that exists, such as 2026-05-31."
UTC_OFFSET = "+00:00"
INVALID_TIME = "Enter a time of day such as 18:30."
# "localtime" is the zone of the server, the others are no places either.
TIME_ZONES = frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}


def _parse_datetime(value: Any) -> datetime:
    match = RFC_3339.fullmatch(value.upper()) if isinstance(value, str) else None
    if match is None:
        raise BadInput("Enter a date and time such as 2026-05-31T18:30:00Z.")
    if match["offset"] is None:
        raise BadInput("The time needs its UTC offset, such as Z or +05:30.")
    try:
        return datetime.fromisoformat(match[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("Enter a date and time that exist, in the years 1 to 9999.") from error


def _serialize_datetime(value: datetime) -> str:
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return f"{moment.isoformat()[: -len(UTC_OFFSET)]}Z"


def _serialize_datetimes(values: Sequence[datetime | None]) -> list[str | None] | None:
    """Serialize many times in an eighth of the time. Returns None unless all are in UTC."""
    for value in values:
        if value is not None and value.tzinfo is not UTC:
            return None
    texts: list[str | None] = orjson.loads(orjson.dumps(values, option=orjson.OPT_UTC_Z))
    return texts


def _parse_big_int(value: Any) -> int:
    is_int = isinstance(value, int) and not isinstance(value, bool)
    if not is_int and not (isinstance(value, str) and INTEGER.fullmatch(value)):
        raise BadInput("Enter a whole number.")
    number = int(value)
    if abs(number) > MAX_SAFE_INTEGER:
        raise BadInput("This number is too large. Enter a smaller one.")
    return number


def _parse_one_of(values: frozenset[str], message: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in values:
            raise BadInput(message)
        return value

    return parse


def _parse_date(value: Any) -> date:
    try:
        if RFC_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise BadInput(INVALID_DATE) from error
    raise BadInput(INVALID_DATE)


def _parse_local_time(value: Any) -> time:
    try:
        if LOCAL_TIME.fullmatch(value):
            return time.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise BadInput(INVALID_TIME) from error
    raise BadInput(INVALID_TIME)


def _parse_local_date_time(value: Any) -> datetime:
    try:
        if LOCAL_DATE_TIME.fullmatch(value):
            return datetime.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise BadInput(INVALID_LOCAL_DATE_TIME) from error
    raise BadInput(INVALID_LOCAL_DATE_TIME)


@dataclass(frozen=True)
class ScalarColumn:
    """How to serialize many values of a type, or null, at once. Returns None if it cannot."""

    type: type
    serialize: Callable[[Sequence[Any]], list[Any] | None]


# By the functions that serialize one value.
COLUMNS: dict[object, ScalarColumn] = {
    _serialize_datetime: ScalarColumn(datetime, _serialize_datetimes)
}

SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A time in UTC, in RFC 3339 format, such as `2026-05-31T18:30:00Z`. Inputs may"
        " have any UTC offset, but must have one.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_serialize_datetime,
        parse_value=_parse_datetime,
    ),
    BigInt: strawberry.scalar(
        name="BigInt",
        description="An integer of at most 2^53 - 1. Inputs may be numbers or strings.",
        serialize=int,
        parse_value=_parse_big_int,
    ),
    CurrencyCode: strawberry.scalar(
        name="CurrencyCode",
        description="A currency code of ISO 4217, such as INR.",
        serialize=str,
        parse_value=_parse_one_of(
            CURRENCIES, "Choose a currency by its code of three letters, such as INR."
        ),
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="A two-letter country code of ISO 3166-1, such as IN.",
        serialize=str,
        parse_value=_parse_one_of(
            COUNTRIES, "Choose a country by its code of two letters, such as IN."
        ),
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="The IANA name of a time zone, such as Asia/Kolkata.",
        specified_by_url="https://www.iana.org/time-zones",
        serialize=str,
        parse_value=_parse_one_of(
            TIME_ZONES, "Choose a time zone by its name, such as Asia/Kolkata."
        ),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar date without a time zone, such as `2026-05-31`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
    time: strawberry.scalar(
        name="LocalTime",
        description="A time of day, such as `18:30`. A field next to it has the time zone.",
        serialize=lambda value: value.isoformat("minutes"),
        parse_value=_parse_local_time,
    ),
    LocalDateTime: strawberry.scalar(
        name="LocalDateTime",
        description="A date and time as clocks at a place show it, such as `2026-05-31T18:30`. A"
        " field next to it has the time zone.",
        serialize=lambda value: value.isoformat(timespec="minutes"),
        parse_value=_parse_local_date_time,
    ),
    **ADDRESSES,
}
