"""Cursors: opaque positions of one ordering; forged cursors are rejected."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from core.clock import now
from core.database import Database
from core.errors import BadInput
from core.ids import new_id
from core.keyset import Listing, Ordering, Window, fetch_page
from models.chat.messages import Message
from models.vendors import Vendor

NEWEST = Ordering("newest", Vendor.created_at, Vendor.id, datetime.fromisoformat, descending=True)
BY_NAME = Ordering("name", Vendor.name, Vendor.id, str)
BY_PLACE = Ordering("place", Vendor.latitude, Vendor.id, float)
BY_NUMBER = Ordering("number", Message.sequence, Message.id, int)
ORDERINGS = [NEWEST, BY_NAME, BY_PLACE, BY_NUMBER]


def forged(ordering: Ordering, value: object, id: object = None) -> str:
    """Encode a cursor as an attacker would who has read the code."""
    content = json.dumps([ordering.signature, value, str(id or new_id())])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


@given(
    st.datetimes(timezones=st.just(UTC)),
    st.text(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(1, 2**31 - 1),
)
def test_cursor_is_read_as_written(moment: datetime, name: str, place: float, number: int) -> None:
    values = (moment, name.replace("\0", ""), place, number)
    for ordering, value in zip(ORDERINGS, values, strict=True):
        id = new_id()
        assert ordering.place(ordering.cursor(value, id)) == (value, id)


def test_cursor_of_another_ordering_is_refused() -> None:
    cursor = BY_NAME.cursor("a", new_id())
    with pytest.raises(BadInput, match="a different ordering"):
        Ordering("nearest:1,2", Vendor.name, Vendor.id, str).place(cursor)


@given(st.text())
def test_cursor_of_any_text_is_refused(cursor: str) -> None:
    for ordering in ORDERINGS:
        with pytest.raises(BadInput):
            ordering.place(cursor)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_cursor_tampered_with_is_refused_or_another_place(at: int, other: str) -> None:
    cursor = NEWEST.cursor(now(), new_id())
    at %= len(cursor)
    refused_or_read(NEWEST, cursor[:at] + other + cursor[at + 1 :])


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_cursor_with_any_value_is_refused_or_read(value: Any) -> None:
    for ordering in ORDERINGS:
        refused_or_read(ordering, forged(ordering, value))


def refused_or_read(ordering: Ordering, cursor: str) -> None:
    try:
        ordering.place(cursor)
    except BadInput:
        return


@pytest.mark.parametrize(
    ("ordering", "value"),
    [
        (NEWEST, "2026-01-01T00:00:00"),
        (NEWEST, "0001-01-01T00:00:00+14:00"),
        (NEWEST, "9999-12-31T23:59:59-14:00"),
        (BY_NAME, "a\0"),
        (BY_NAME, "\ud800"),
        (BY_PLACE, 10**400),
        (BY_PLACE, float("nan")),
        (BY_PLACE, float("inf")),
        (BY_NUMBER, 2**31),
        (BY_NUMBER, -(2**70)),
    ],
)
async def test_cursor_with_a_value_no_row_has_never_reaches_the_database(
    database: Database, ordering: Ordering, value: object
) -> None:
    await refused_or_paged(database, ordering, forged(ordering, value))


async def refused_or_paged(database: Database, ordering: Ordering, cursor: str) -> None:
    async with database.session() as session:
        try:
            await fetch_page(
                session, Listing(select(ordering.id.class_), ordering), Window(after=cursor)
            )
        except BadInput:
            return


def test_cursor_nested_without_end_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    with pytest.raises(BadInput):
        NEWEST.place(deep)


@pytest.mark.parametrize(
    "given", [{"first": -1}, {"first": 101}, {"last": 101}, {"first": 1, "last": 1}]
)
def test_window_out_of_range_is_refused(given: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        Window(**given)  # type: ignore[arg-type]
