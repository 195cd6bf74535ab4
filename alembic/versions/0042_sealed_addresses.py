"""Email addresses sealed, and found by their keyed hashes.

Seals existing addresses with the keys of KEYS_FILE, then rewrites the tables: the values of a
dropped column would stay in the files. Servers of the previous release cannot read the tables
afterwards: they fail until they are replaced.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import CITEXT

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

BATCH_SIZE = 1_000
ERASED = """
    UPDATE "user" SET is_erased = true, email = NULL
    WHERE email::text LIKE 'erased-%@haat.invalid'
"""
# A table with checks that wait for the commit cannot be altered.
IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE"
EMAIL = "EMAIL"  # the kind of keyed hashes
FIRST_ID = UUID(int=0)


class Address(NamedTuple):
    """A column of addresses, with the column of its hashes if it has any."""

    table: str
    column: str
    lookup: str
    nullable: bool = False


ADDRESSES = (
    Address("user", "email", "email_lookup", nullable=True),
    Address("registration", "email", "email_lookup"),
    Address("password_reset", "email", "email_lookup"),
    Address("admin_invitation", "email", "email_lookup"),
    Address("member_invitation", "email", "email_lookup"),
    Address("provider_flow", "email", "email_lookup", nullable=True),
    Address("email_change", "old_email", "old_lookup", nullable=True),
    Address("email_change", "new_email", ""),
)
UNIQUE = ("user", "admin_invitation")
PENDING = {
    "member_invitation_pending_key": "email_lookup",
    "member_invitation_next_pending_key": "next_email_lookup",
}
# Constraints of both releases on columns that each migration drops.
CHECKS = {
    ("user", "password_hash"): "password_hash IS NULL OR email IS NOT NULL",
    ("provider_flow", "email_proven"): "email IS NOT NULL OR NOT email_proven",
}
LENGTH = "char_length({0}) <= 254"
PLAIN_CHECKS = {
    **{
        (table, name): condition
        for table in ("registration", "password_reset", "admin_invitation", "member_invitation")
        for name, condition in (
            ("email", "email = lower(email)"),
            ("email_length", LENGTH.format("email")),
        )
    },
    ("provider_flow", "email"): f"email = lower(email) AND {LENGTH.format('email')}",
    ("email_change", "old_email"): "old_email = lower(old_email)",
    ("email_change", "new_email"): "new_email = lower(new_email)",
    ("email_change", "length"): f"{LENGTH.format('old_email')} AND {LENGTH.format('new_email')}",
}


def upgrade() -> None:
    op.execute(IMMEDIATE)
    erased = sa.Column("is_erased", sa.Boolean(), server_default="false", nullable=False)
    op.add_column("user", erased)
    op.execute(ERASED)
    for one in ADDRESSES:
        hashes = [one.lookup, f"next_{one.lookup}"] if one.lookup else []
        _replace(one, sa.LargeBinary(), hashes, _seal)
        for name, length in zip(hashes, (32, 36), strict=False):
            _check(one.table, name, f"octet_length({name}) = {length}")
        if one.lookup and one.nullable:
            same = f"({one.column} IS NULL) = ({one.lookup} IS NULL)"
            _check(one.table, one.column, same)
    for (table, name), condition in CHECKS.items():
        _check(table, name, condition)
    for table in UNIQUE:
        for name in ("email_lookup", "next_email_lookup"):
            op.create_unique_constraint(op.f(f"{table}_{name}_key"), table, [name])
    for name in ("old_lookup", "next_old_lookup"):
        op.create_index(op.f(f"email_change_{name}_idx"), "email_change", [name])
    for name, column in PENDING.items():
        _create_pending(name, column)
    _rewrite_files()


def downgrade() -> None:
    op.execute(IMMEDIATE)
    for one in ADDRESSES:
        kind = CITEXT() if one.table == "user" else sa.String()
        _replace(one, kind, [], _open)
        for name in (one.lookup, f"next_{one.lookup}") if one.lookup else ():
            op.drop_column(one.table, name)
    op.execute("""UPDATE "user" SET email = 'erased-' || id || '@haat.invalid' WHERE is_erased""")
    op.drop_column("user", "is_erased")
    for (table, name), condition in {**CHECKS, **PLAIN_CHECKS}.items():
        _check(table, name, condition)
    for table in UNIQUE:
        op.create_unique_constraint(op.f(f"{table}_email_key"), table, ["email"])
    op.create_index(op.f("email_change_old_email_idx"), "email_change", ["old_email"])
    _create_pending("member_invitation_pending_key", "email")


Values = dict[str, Any]


def _replace(
    one: Address,
    kind: sa.types.TypeEngine[Any],
    hashes: list[str],
    convert: Callable[[Sealer, Address, Any], Values],
) -> None:
    """Replace a column by one of another type, with converted values, and add its hashes."""
    former = f"former_{one.column}"
    op.alter_column(one.table, one.column, new_column_name=former)
    op.add_column(one.table, sa.Column(one.column, kind))
    for name in hashes:
        op.add_column(one.table, sa.Column(name, sa.LargeBinary()))
    table = sa.table(one.table, *(sa.column(name) for name in ("id", former, one.column, *hashes)))
    changed = sa.update(table).where(table.c.id == sa.bindparam("row_id", type_=sa.Uuid()))
    values = {
        name: sa.bindparam(name, type_=kind if name == one.column else sa.LargeBinary())
        for name in (one.column, *hashes)
    }
    sealer: Sealer | None = None
    for rows in _batches(table, former):
        sealer = sealer or _sealer()
        converted = [{"row_id": row.id} | convert(sealer, one, row) for row in rows]
        op.get_bind().execute(changed.values(values), converted)
    op.drop_column(one.table, former)  # with its constraints and indexes
    if not one.nullable:
        for name in (one.column, *hashes[:1]):
            op.alter_column(one.table, name, nullable=False)


def _batches(table: sa.TableClause, column: str) -> Iterator[list[Any]]:
    """Yield the rows that have a value, in batches."""
    last, value = FIRST_ID, table.c[column]
    rows = sa.select(table.c.id, value.label("value")).where(value.is_not(None))
    while True:
        page = rows.where(table.c.id > sa.bindparam("last", last, type_=sa.Uuid()))
        found = list(op.get_bind().execute(page.order_by(table.c.id).limit(BATCH_SIZE)))
        if not found:
            return
        yield found
        last = found[-1].id


def _seal(sealer: Sealer, one: Address, row: Any) -> Values:
    email = row.value.lower()
    values = {one.column: sealer.seal(f"{one.table}.{one.column}", row.id, email.encode())}
    if one.lookup:
        lookup = sealer.lookup(EMAIL, email)
        values |= {one.lookup: lookup.oldest, f"next_{one.lookup}": lookup.newest}
    return values


def _open(sealer: Sealer, one: Address, row: Any) -> Values:
    return {one.column: sealer.open(f"{one.table}.{one.column}", row.id, row.value).decode()}


def _sealer() -> Sealer:
    """Read the keys. Only a database with addresses needs them."""
    read: Callable[[], Sealer] | None = context.config.attributes.get("read_sealer")
    if read is not None:
        return read()
    settings = Settings.for_tools()
    return Sealer(SigningKeys.load(settings.keys_file, settings.file_secrets))


def _rewrite_files() -> None:
    for table in dict.fromkeys(one.table for one in ADDRESSES):
        op.execute(f'CLUSTER "{table}" USING {table}_pkey')
        op.execute(f'ALTER TABLE "{table}" SET WITHOUT CLUSTER')


def _create_pending(name: str, column: str) -> None:
    op.create_index(
        name,
        "member_invitation",
        ["vendor_id", column],
        unique=True,
        postgresql_where=sa.text("state = 'PENDING'"),
    )


def _check(table: str, name: str, condition: str) -> None:
    op.create_check_constraint(op.f(f"{table}_{name}_check"), table, condition)
