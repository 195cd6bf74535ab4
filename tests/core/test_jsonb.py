"""JSON columns hold JSON only, and numbers as they were."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from sqlalchemy import text

from core import jsonb
from core.database import Database


class Day(StrEnum):
    MONDAY = "MONDAY"


VALUE = {
    "text": 'é " \\ 😀',
    "list": [1, 1.5, -(2**62), True, None, {}],
    Day.MONDAY: Day.MONDAY,
    1: 2,
}


@pytest.mark.parametrize("value", [datetime.now(UTC), Decimal(1), object(), {"a": {1}}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        jsonb.encode({"value": value})


async def test_a_column_returns_what_was_stored(database: Database) -> None:
    async with database.session() as session:
        stored = text("SELECT CAST(:value AS jsonb)")
        found = await session.scalar(stored, {"value": jsonb.encode(VALUE)})
    assert found == {**{str(name): value for name, value in VALUE.items()}}
