"""Phone numbers of vendors sealed.

Seals existing numbers with the keys of KEYS_FILE, then rewrites the table: the values of a dropped
column would stay in the files. Servers of the previous release fail for fields of vendors that read
the number until they are replaced.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import context, op

from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

BATCH_SIZE = 1_000
PHONE = "vendor.phone"  # the name for which the numbers are sealed
FIRST_ID = UUID(int=0)
# A table with checks that wait for the commit cannot be altered.
IMMEDIATE = "SET CONSTRAINTS ALL IMMEDIATE"


def upgrade() -> None:
    _replace(sa.LargeBinary(), lambda sealer, row: sealer.seal(PHONE, row.id, row.value.encode()))
    op.execute("CLUSTER vendor USING vendor_pkey")
    op.execute("ALTER TABLE vendor SET WITHOUT CLUSTER")


def downgrade() -> None:
    _replace(sa.String(16), lambda sealer, row: sealer.open(PHONE, row.id, row.value).decode())


def _replace(kind: sa.types.TypeEngine[Any], convert: Callable[[Sealer, Any], bytes | str]) -> None:
    """Replace the column by one of another type, with converted values."""
    op.execute(IMMEDIATE)
    op.alter_column("vendor", "phone", new_column_name="former_phone")
    op.add_column("vendor", sa.Column("phone", kind))
    table = sa.table("vendor", sa.column("id", sa.Uuid()), sa.column("phone", kind))
    changed = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
    changed = changed.values(phone=sa.bindparam("phone"))
    sealer: Sealer | None = None
    for rows in _batches():
        sealer = sealer or _sealer()
        converted = [{"row_id": row.id, "phone": convert(sealer, row)} for row in rows]
        op.get_bind().execute(changed, converted)
    op.drop_column("vendor", "former_phone")


def _batches() -> Iterator[list[Any]]:
    """Yield the rows that have a number, in batches."""
    table = sa.table("vendor", sa.column("id", sa.Uuid()), sa.column("former_phone"))
    value = table.c.former_phone
    rows = sa.select(table.c.id, value.label("value")).where(value.is_not(None))
    last = FIRST_ID
    while True:
        page = rows.where(table.c.id > last).order_by(table.c.id).limit(BATCH_SIZE)
        found = list(op.get_bind().execute(page))
        if not found:
            return
        yield found
        last = found[-1].id


def _sealer() -> Sealer:
    """Read the keys. Only a database with numbers needs them."""
    read: Callable[[], Sealer] | None = context.config.attributes.get("read_sealer")
    if read is not None:
        return read()
    settings = Settings.for_tools()
    return Sealer(SigningKeys.load(settings.keys_file, settings.file_secrets))
