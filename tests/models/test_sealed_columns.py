"""Sealed columns: all that services seal are declared, so that no rotation forgets one."""

import re

import pytest
from sqlalchemy import LargeBinary

import models.registry  # noqa: F401
from core.settings import HOME
from models.identity.accounts import User
from models.personal_data import Personal, class_of, declared_tables
from models.sealed_columns import sealed_columns, sealed_name

# Names for which values are sealed, in the modules that seal them.
NAMES = re.compile(r'^[A-Z_]*COLUMN = "(\w+\.\w+)"$', re.MULTILINE)
SEALING = re.compile(r"\.seal\((?!\w*COLUMN\b|sealed_name\()")
# The name of a row's column, which `sealed_name` refuses unless the column is declared.
OF_ROWS = {
    f"{table}.email"
    for table in (
        "admin_invitation",
        "member_invitation",
        "password_reset",
        "provider_flow",
        "registration",
        "user",
    )
}
OF_GUESTS = {f"booking.guest_{column}" for column in ("name", "email", "phone")}
OF_ANSWERS = {f"{table}.answer" for table in ("attendee_answer", "booking_answer")}
OF_ORDERS = {
    f"{table}.{column}" for table in ("checkout", "order") for column in ("ship_to", "bill_to")
}


def test_each_name_is_a_declared_column() -> None:
    sources = [path for layer in ("models", "services") for path in (HOME / layer).rglob("*.py")]
    names = {name for path in sources for name in NAMES.findall(path.read_text())}
    of_rows = OF_ROWS | OF_GUESTS | OF_ANSWERS | OF_ORDERS | {"order.buyer_tax_id"}
    assert names | of_rows == {column.name for column in sealed_columns()}
    own = HOME / "services/sealed_values.py"
    assert [path for path in sources if path != own and SEALING.search(path.read_text())] == []


def test_only_declared_columns_have_a_name() -> None:
    assert sealed_name(User(name="Asha", password_hash=None), "email") == "user.email"
    with pytest.raises(ValueError, match=r"user\.name is not declared"):
        sealed_name(User(name="Asha", password_hash=None), "name")


def test_personal_bytes_are_sealed() -> None:
    sealed = {column.name for column in sealed_columns()}
    for table, privacy, _ in declared_tables():
        for column in table.columns:
            is_personal = class_of(privacy, column) is Personal.PERSONAL
            if is_personal and isinstance(column.type, LargeBinary):
                assert f"{table.name}.{column.name}" in sealed


def test_hashes_have_a_kind_and_two_columns() -> None:
    found = [column for column in sealed_columns() if column.lookup is not None]
    assert {column.name for column in found} == {
        "phone.number",
        "vendor_application.tax_id",
        "email_change.old_email",
        "license_key.key",
        "ticket_transfer.address",
        *OF_ROWS,
    }
    for column in found:
        assert column.kind
        assert column.next_lookup is not None
        assert column.next_lookup.nullable
