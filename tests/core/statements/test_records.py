"""Records are read like rows of their table."""

import pytest
from sqlmodel import SQLModel

from core.statements.records import record_of
from models import registry
from models.base import Row
from models.offers.offers import Offer

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
    assert vars(record_of(Offer))["remaining"] is vars(Offer)["remaining"]
    assert record_of(Offer) is record_of(Offer)
