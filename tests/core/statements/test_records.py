"""Records are read like rows of their table."""

import inspect
from typing import Any

import pytest
from sqlmodel import SQLModel

from core.statements.records import part_of, record_of, row_types
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
