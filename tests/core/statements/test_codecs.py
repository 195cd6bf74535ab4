"""Values on connections that only read are those of the driver and of SQLAlchemy."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from core import jsonb
from core.settings import Settings

TIMES = [
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 5, 31, 18, 30, 0, 123_456, tzinfo=UTC),
    datetime(1, 1, 2, tzinfo=UTC),
    datetime(9999, 12, 31, tzinfo=UTC),
]


@pytest.mark.parametrize("time", TIMES, ids=str)
async def test_times_are_those_of_the_driver(
    connection: asyncpg.Connection, settings: Settings, time: datetime
) -> None:
    plain = await asyncpg.connect(settings.libpq_url)
    text = "SELECT $1::timestamptz, $1::timestamptz::text, NULL::timestamptz, $2::timestamptz[]"
    expected = await plain.fetchrow(text, time, [time, None])
    await plain.close()
    found = await connection.fetchrow(text, time, [time, None])
    assert tuple(found) == tuple(expected)
    assert found[0] == time
    assert found[0].tzinfo is UTC, "times are serialized together only if they have it"


@pytest.mark.parametrize(
    "value", [{"en": "Kaffee", "hi": "कॉफ़ी"}, {"en": None}, {}, [], "ü", 1.5, True, None]
)
async def test_json_is_decoded(connection: asyncpg.Connection, value: Any) -> None:
    text = "SELECT $1::jsonb, $1::jsonb::text, NULL::jsonb"
    found, as_text, missing = await connection.fetchrow(text, jsonb.encode(value))
    assert found == jsonb.decode(as_text) == value
    assert missing is None


@pytest.mark.parametrize("value", [{"en": "Kaffee"}, {"en": ["Kaffee"]}, {"en": "x" * 3_000}])
async def test_each_row_has_json_of_its_own(connection: asyncpg.Connection, value: Any) -> None:
    for _ in range(3):
        found = await connection.fetchval("SELECT $1::jsonb", jsonb.encode(value))
        assert found == value
        found["en"] = found["hi"] = "changed"
