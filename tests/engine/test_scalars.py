"""Each scalar accepts the documented values, and refuses all others with a readable message."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from graphql import GraphQLSchema, is_specified_scalar_type
from graphql.type import GraphQLScalarType
from hypothesis import given
from hypothesis import strategies as st

from core.countries.codes import COUNTRIES
from core.errors import BadInput
from engine.address_scalars import URL, EmailAddress, PhoneNumber
from engine.scalars import (
    COLUMNS,
    MAX_SAFE_INTEGER,
    SCALARS,
    BigInt,
    CountryCode,
    CurrencyCode,
    TimeZone,
)
from tests.client import Client

WAITING = {"Date"}  # for what is done by appointment
STRANGE: list[Any] = [None, True, 1.5, {}, {"a": 1}, [], ["IN"], ""]

TAKEN = [
    (datetime, "2026-05-31T18:30:00Z", datetime(2026, 5, 31, 18, 30, tzinfo=UTC)),
    (datetime, "2026-05-31t18:30:00z", datetime(2026, 5, 31, 18, 30, tzinfo=UTC)),
    (datetime, "2026-06-01T00:00:00+05:30", datetime(2026, 5, 31, 18, 30, tzinfo=UTC)),
    (datetime, "2026-05-31T18:30:00.25Z", datetime(2026, 5, 31, 18, 30, 0, 250_000, UTC)),
    (datetime, "2026-05-31T18:30:00.123456789Z", datetime(2026, 5, 31, 18, 30, 0, 123_456, UTC)),
    (BigInt, 5, 5),
    (BigInt, "-5", -5),
    (BigInt, MAX_SAFE_INTEGER, MAX_SAFE_INTEGER),
    (BigInt, str(-MAX_SAFE_INTEGER), -MAX_SAFE_INTEGER),
    (CurrencyCode, "INR", "INR"),
    (CountryCode, "IN", "IN"),
    (TimeZone, "Asia/Kolkata", "Asia/Kolkata"),
    (EmailAddress, "asha@example.com", "asha@example.com"),
    (PhoneNumber, "+91 80 2654 3210", "+918026543210"),
    (URL, "https://haat.example/a?b=c", "https://haat.example/a?b=c"),
    (date, "2028-02-29", date(2028, 2, 29)),
    (time, "18:30", time(18, 30)),
    (time, "23:59:59", time(23, 59, 59)),
]

REFUSED = [
    (datetime, "2026-05-31T18:30:00", "offset"),
    (datetime, "2026-05-31", "Enter a date and time such as"),
    (datetime, "20260531T183000Z", "Enter a date and time such as"),
    (datetime, "2026-W22-7T18:30:00Z", "Enter a date and time such as"),
    (datetime, "2026-05-31 18:30:00Z", "Enter a date and time such as"),
    (datetime, "2026-05-31T18:30:00Z ", "Enter a date and time such as"),
    (datetime, "2026-05-31T18:30Z", "Enter a date and time such as"),
    (datetime, "٢٠٢٦-05-31T18:30:00Z", "Enter a date and time such as"),
    (datetime, 1_780_000_000, "Enter a date and time such as"),
    (datetime, "2026-02-30T00:00:00Z", "Enter a date and time that exist"),
    (datetime, "2026-05-31T24:30:00Z", "Enter a date and time that exist"),
    (datetime, "2026-05-31T18:30:60Z", "Enter a date and time that exist"),
    (datetime, "2026-05-31T18:30:00+24:00", "Enter a date and time such as"),
    (datetime, "2026-05-31T18:30:00+05:99", "Enter a date and time such as"),
    (datetime, "0000-01-01T00:00:00Z", "Enter a date and time that exist"),
    (datetime, "0001-01-01T00:00:00+14:00", "Enter a date and time that exist"),
    (datetime, "9999-12-31T23:59:59-01:00", "Enter a date and time that exist"),
    (BigInt, MAX_SAFE_INTEGER + 1, "number is too large"),
    (BigInt, str(-MAX_SAFE_INTEGER - 1), "number is too large"),
    (BigInt, "9" * 5_000, "Enter a whole number"),
    (BigInt, "1_000", "Enter a whole number"),
    (BigInt, " 1", "Enter a whole number"),
    (BigInt, "\uff11", "Enter a whole number"),
    (BigInt, "1.0", "Enter a whole number"),
    (BigInt, float("nan"), "Enter a whole number"),
    (CurrencyCode, "inr", "three letters"),
    (CurrencyCode, "XYZ", "three letters"),
    (CountryCode, "in", "two letters"),
    (CountryCode, "XX", "two letters"),
    (CountryCode, "EU", "two letters"),
    (CountryCode, "UK", "two letters"),
    (TimeZone, "Asia/Kolkatta", "by its name"),
    (TimeZone, "+05:30", "by its name"),
    (TimeZone, "localtime", "by its name"),
    (TimeZone, "posixrules", "by its name"),
    (TimeZone, "Factory", "by its name"),
    (TimeZone, "../../etc/passwd", "by its name"),
    (EmailAddress, "asha@", "asha@example.com"),
    (EmailAddress, "a" * 300 + "@example.com", "asha@example.com"),
    (PhoneNumber, "080 2654 3210", "starts with +"),
    (PhoneNumber, "+91 12345", "does not exist"),
    (PhoneNumber, "+999999999999", "starts with +"),
    (URL, "javascript:alert(1)", "http"),
    (URL, "//haat.example", "http"),
    (URL, "https://", "http"),
    (URL, "https://haat.example/" + "a" * 2000, "2000"),
    (date, "2026-02-29", "Enter a day that exists"),
    (date, "20260531", "Enter a day that exists"),
    (date, "2026-05-31T00:00:00Z", "Enter a day that exists"),
    (time, "24:00", "18:30"),
    (time, "6:30", "18:30"),
    (time, "18:30Z", "18:30"),
]


def parse(scalar: Any, value: Any) -> Any:
    parser = SCALARS[scalar].parse_value
    assert parser is not None
    return parser(value)


def written(moment: datetime) -> str:
    serialize = SCALARS[datetime].serialize
    assert serialize is not None
    return str(serialize(moment))


@pytest.mark.parametrize(("scalar", "value", "meant"), TAKEN)
def test_taken(scalar: Any, value: Any, meant: Any) -> None:
    assert parse(scalar, value) == meant


@pytest.mark.parametrize(("scalar", "value", "why"), REFUSED)
def test_refused(scalar: Any, value: Any, why: str) -> None:
    with pytest.raises(BadInput, match=r".*".join(map(_escaped, why.split()))):
        parse(scalar, value)


def _escaped(word: str) -> str:
    return re.escape(word)


@pytest.mark.parametrize("scalar", SCALARS)
@pytest.mark.parametrize("value", STRANGE, ids=repr)
def test_of_another_kind(scalar: Any, value: Any) -> None:
    with pytest.raises(BadInput):
        parse(scalar, value)


@given(st.datetimes(timezones=st.timezones()))
def test_a_written_time_is_read_as_the_same_time(moment: datetime) -> None:
    try:
        meant = moment.astimezone(UTC)
    except OverflowError:
        return
    assert written(moment).endswith("Z")
    assert parse(datetime, written(moment)) == meant


@given(st.text() | st.integers() | st.floats())
def test_any_input_is_accepted_or_refused(value: Any) -> None:
    for scalar in SCALARS:
        with suppress(BadInput):
            parse(scalar, value)


def test_a_moment_is_written_in_utc() -> None:
    moment = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert written(moment) == "2026-05-31T18:30:00Z"
    assert written(datetime(2026, 6, 1, tzinfo=ZoneInfo("America/New_York"))).startswith("2026-06")


def test_the_countries_of_iso_3166() -> None:
    assert len(COUNTRIES) == 249
    assert {"IN", "DE", "US", "AX", "GB"} <= COUNTRIES


def test_each_is_used(graph: GraphQLSchema) -> None:
    """The schema has no scalar that no field or argument is of."""
    own = {
        name
        for name, type_ in graph.type_map.items()
        if isinstance(type_, GraphQLScalarType) and not is_specified_scalar_type(type_)
    }
    assert own | WAITING == {definition.name for definition in SCALARS.values()}


@pytest.mark.parametrize(
    ("query", "type_name", "value", "expected"),
    [
        ("vendors(where: {country: $given})", "CountryCode", "UK", "two letters"),
        ("vendors(where: {country: $given})", "CountryCode", ["IN", "DE"], "two letters"),
        ("vendors(where: {country: $given})", "CountryCode", {"a": 1}, "two letters"),
    ],
)
async def test_a_refused_variable_is_bad_user_input(
    api: Client, query: str, type_name: str, value: Any, expected: str
) -> None:
    asked = f"query ($given: {type_name}) {{ {query} {{ nodes {{ id }} }} }}"
    (error,) = (await api.send(asked, given=value))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert expected in error["message"]


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ('"2026-05-31T18:30:00"', "needs its UTC offset"),
        ('"soon"', "Enter a date and time such as"),
        ("5", "Enter a date and time such as"),
        ('"2026-02-30T00:00:00Z"', "Enter a date and time that exist"),
    ],
)
async def test_a_refused_literal_is_bad_user_input(
    api: Client, literal: str, expected: str
) -> None:
    given = f'{{offerId: "x", startsAt: {literal}}}'
    document = f"mutation {{ updateOffer(input: {given}) {{ errors {{ code }} }} }}"
    answer = await api.send(document)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert expected in answer["errors"][0]["message"]


@given(st.lists(st.none() | st.datetimes(timezones=st.just(UTC)), min_size=1))
def test_a_column_of_times_is_serialized_as_each_of_them(moments: list[datetime | None]) -> None:
    (column,) = [one for one in COLUMNS.values() if one.type is datetime]
    serialize: Any = SCALARS[datetime].serialize
    assert column.serialize(moments) == [one and serialize(one) for one in moments]


def test_a_column_with_another_time_zone_is_serialized_one_by_one() -> None:
    (column,) = [one for one in COLUMNS.values() if one.type is datetime]
    kolkata = datetime(2026, 5, 31, 18, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert column.serialize([kolkata.astimezone(UTC), kolkata]) is None
    assert column.serialize([datetime(2026, 5, 31)]) is None
