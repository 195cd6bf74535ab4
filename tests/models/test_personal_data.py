"""Every column has a class, and every table a policy, so that nothing of a person is overlooked."""

import pytest
from sqlalchemy import Column, Date, DateTime, Float, ForeignKey, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

import models.registry  # noqa: F401
from models.personal_data import (
    GONE,
    Erase,
    Personal,
    Privacy,
    class_of,
    declared_tables,
    delete_rows,
    of_others,
)
from models.sealed_columns import SEALED

TABLES = [(one.table, one.privacy) for one in declared_tables()]
BY_NAME = [pytest.param(*found, id=found[0].name) for found in TABLES]


def unclassified(table: Table, privacy: Privacy) -> set[str]:
    return {column.name for column in table.columns if class_of(privacy, column) is None}


def named(privacy: Privacy) -> set[str]:
    return {*privacy.classes, *privacy.of, *privacy.blank, *filter(None, [privacy.address])}


def test_every_column_has_a_class() -> None:
    """Name a new column in `__privacy__` of its table; models/personal_data.py has the classes."""
    found = {table.name: unclassified(table, privacy) for table, privacy in TABLES}
    assert {name: columns for name, columns in found.items() if columns} == {}


@pytest.mark.parametrize(("table", "privacy"), BY_NAME)
def test_a_declaration_names_columns_of_its_table(table: Table, privacy: Privacy) -> None:
    assert named(privacy) <= set(table.columns.keys())


@pytest.mark.parametrize(("table", "privacy"), BY_NAME)
def test_a_table_of_persons_leads_to_them(table: Table, privacy: Privacy) -> None:
    assert privacy.has_persons is (privacy.erase is not Erase.OTHER)
    if privacy.erase is Erase.OTHER:
        assert "user_id" not in table.columns


@pytest.mark.parametrize(("table", "privacy"), BY_NAME)
def test_what_stays_has_no_personal_value(table: Table, privacy: Privacy) -> None:
    """A value is replaced by NULL if the column allows it, else by what the table declares."""
    if privacy.erase in {Erase.DELETE, Erase.RETAIN}:
        return
    kept = {column for column in table.columns if class_of(privacy, column) in GONE}
    if privacy.erase is Erase.BLANK:
        kept = {one for one in kept if not one.nullable and one.name not in privacy.blank}
    assert {column.name for column in kept} == set()


@pytest.mark.parametrize("kind", [Text, Integer, Float, Date, JSONB])
def test_a_column_is_not_classified_by_these_types(kind: type) -> None:
    column: Column[object] = Column("nickname", kind())
    assert class_of(delete_rows(), column) is None
    assert class_of(of_others(personal="nickname"), column) is Personal.PERSONAL


def test_columns_that_their_types_classify() -> None:
    assert class_of(delete_rows(), Column("left_at", DateTime())) is Personal.NONE
    assert class_of(delete_rows(), Column("friend_id", ForeignKey("user.id"))) is Personal.ID
    assert class_of(delete_rows(personal="born_at"), Column("born_at", DateTime())) is (
        Personal.PERSONAL
    )


def test_a_sealed_column_is_personal_unless_it_is_named() -> None:
    column: Column[object] = Column("number", LargeBinary(), info={SEALED: ("", "")})
    assert class_of(delete_rows(), column) is Personal.PERSONAL
    assert class_of(delete_rows(secrets="number"), column) is Personal.SECRET
