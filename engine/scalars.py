"""Scalars that document their format, and reject values that do not have it."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, NewType
from zoneinfo import available_timezones

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.countries import COUNTRIES
from core.errors import BadInput
from core.money import CURRENCIES
from engine.address_scalars import ADDRESSES

BigInt = NewType("BigInt", int)
CountryCode = NewType("CountryCode", str)
CurrencyCode = NewType("CurrencyCode", str)
TimeZone = NewType("TimeZone", str)

SAFE = 2**53
WHOLE = re.compile(r"-?[0-9]{1,16}")
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?"
)
RFC_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WALL_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
NO_DATE = "A Date must be an existing day in the format 2026-05-31."
NO_TIME = "A LocalTime must have the format 18:30 or 18:30:15."
TIME_ZONES = frozenset(available_timezones())


def _moment(value: Any) -> datetime:
    written = RFC_3339.fullmatch(value.upper()) if isinstance(value, str) else None
    if written is None:
        raise BadInput("A DateTime must have the format 2026-05-31T18:30:00Z (RFC 3339).")
    if written["offset"] is None:
        raise BadInput("A DateTime must include its UTC offset, such as Z or +05:30.")
    try:
        return datetime.fromisoformat(written[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput("A DateTime must be an existing moment in the years 1 to 9999.") from error


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _big_int(value: Any) -> int:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole and not (isinstance(value, str) and WHOLE.fullmatch(value)):
        raise BadInput("A BigInt must be an integer, as a number or a string.")
    number = int(value)
    if abs(number) >= SAFE:
        raise BadInput("A BigInt must be between -(2^53 - 1) and 2^53 - 1.")
    return number


def _one_of(known: frozenset[str], otherwise: str) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in known:
            raise BadInput(otherwise)
        return value

    return parse


def _date(value: Any) -> date:
    try:
        if RFC_DATE.fullmatch(value):
            return date.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise BadInput(NO_DATE) from error
    raise BadInput(NO_DATE)


def _wall_time(value: Any) -> time:
    try:
        if WALL_TIME.fullmatch(value):
            return time.fromisoformat(value)
    except (ValueError, TypeError) as error:
        raise BadInput(NO_TIME) from error
    raise BadInput(NO_TIME)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, as RFC 3339 writes it: `2026-05-31T18:30:00Z`. Given with"
        " any offset, and never without one.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_written,
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
        parse_value=_one_of(CURRENCIES, "A CurrencyCode must be an ISO 4217 code, such as INR."),
    ),
    CountryCode: strawberry.scalar(
        name="CountryCode",
        description="Two letters for a country, such as IN (ISO 3166-1).",
        serialize=str,
        parse_value=_one_of(COUNTRIES, "A CountryCode must be an ISO 3166-1 code, such as IN."),
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="A time zone by its IANA name, such as Asia/Kolkata.",
        specified_by_url="https://www.iana.org/time-zones",
        serialize=str,
        parse_value=_one_of(TIME_ZONES, "A TimeZone must be an IANA name, such as Asia/Kolkata."),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day of the calendar, such as `2026-05-31`, wherever it is.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date",
        serialize=date.isoformat,
        parse_value=_date,
    ),
    time: strawberry.scalar(
        name="LocalTime",
        description="A time on the wall, such as `18:30`; its zone stands beside it.",
        serialize=lambda moment: moment.isoformat("minutes"),
        parse_value=_wall_time,
    ),
    **ADDRESSES,
}
