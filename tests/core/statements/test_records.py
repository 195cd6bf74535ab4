"""Records are read like rows of their table."""

import inspect
from typing import Any

import pytest
from sqlmodel import SQLModel

from core.statements.records import PLACES, part_of, places_of, record_of, row_types
from models import registry
from models.base import Row
from models.offers.offers import Offer, OfferState

_ = registry
TABLES = [
    one for one in SQLModel.__subclasses__() + Row.__subclasses__() if hasattr(one, "__table__")
]


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one.__name__)
def test_a_record_has_all_that_its_class_has(table: type[SQLModel]) -> None:
    record = record_of(table)
    own = {
        name
        for base in table.__mro__
        if issubclass(base, SQLModel) and base is not SQLModel
        for name, member in vars(base).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }
    names = own | set(table.__table__.columns.keys())  # type: ignore[attr-defined]
    assert {name for name in names if not hasattr(record, name)} == set()


def test_a_rule_is_defined_once() -> None:
    assert inspect.getattr_static(record_of(Offer), "remaining") is vars(Offer)["remaining"]
    assert record_of(Offer) is record_of(Offer)


def test_a_part_is_read_like_a_row_with_its_columns_only() -> None:
    part = part_of(Offer, ["id", "state", "capacity", "claimed"])(("1", "PAUSED", 5, 2))
    assert isinstance(part, row_types(Offer))
    row: Any = part
    assert row.state is OfferState.PAUSED
    assert row.remaining == 3
    with pytest.raises(AttributeError):
        _ = row.title


def test_columns_are_found_by_their_places_in_rows_of_one_statement() -> None:
    part = part_of(Offer, ["id", "state", "capacity"])
    rows = [part(("1", "PAUSED", 5)), part(("2", "DRAFT", None))]
    assert places_of(rows) == {"id": 0, "capacity": 2}, "the attribute of a state is a member"
    other = part_of(Offer, ["capacity", "id"])
    assert places_of([*rows, other((5, "3"))]) == {}, "rows of two statements have other places"
    assert places_of([Offer, Offer]) == {}


def test_statements_with_other_columns_have_other_classes_of_records() -> None:
    first, second = record_of(Offer, ["id", "title"]), record_of(Offer, ["title", "id"])
    assert first is not second
    assert issubclass(first, record_of(Offer))
    assert (vars(first)[PLACES], vars(second)[PLACES]) == (
        {"id": 0, "title": 1},
        {"title": 0, "id": 1},
    )


def test_a_name_that_is_selected_twice_has_no_place() -> None:
    assert vars(record_of(Offer, ["id", "title", "id", "sort_key"]))[PLACES] == {"title": 1}
