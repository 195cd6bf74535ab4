"""Inserts the rows of a load, as copies of demo rows.

Only the columns that matter to the load are set, so a new column needs no change here.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Uuid,
    cast,
    column,
    func,
    insert,
    literal,
    null,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

import models.registry  # noqa: F401 - fills the metadata
from benchmarks.load import numbering
from benchmarks.load.numbering import HOT_OFFER_COUNT, OFFER_COUNT, VENDOR_COUNT, LoadRun
from core.clock import now
from services.offers.listings import list_offers

TABLES = SQLModel.metadata.tables
Number = ColumnElement[int]
COUNT_CLAIMS = text(
    """
    UPDATE offer SET claimed = claimed + inserted.vouchers
    FROM (
        SELECT offer_id, count(*) AS vouchers FROM voucher
        WHERE id BETWEEN :first AND :last GROUP BY offer_id
    ) AS inserted
    WHERE offer.id = inserted.offer_id
    """
)


# Each user's session has the user's id. Only the users of the load have no address.
INSERT_SESSIONS = text(
    """
    INSERT INTO user_session (id, user_id, created_at)
    SELECT id, id, now() FROM "user" WHERE email IS NULL
    """
)


async def insert_rows(connection: AsyncConnection, users: int) -> None:
    vendor, scanner = numbering.VENDOR, numbering.SCANNER

    def user_columns(kind: int) -> Callable[[Number], dict[str, Any]]:
        gone = dict.fromkeys(
            ("email", "email_lookup", "next_email_lookup", "password_hash"), null()
        )
        return lambda n: gone | {"id": numbered_id(kind, n), "role": "USER"}

    await copy_rows(
        connection,
        "vendor",
        VENDOR_COUNT,
        lambda n: {"id": numbered_id(vendor, n)},
        status="APPROVED",
    )
    await copy_rows(connection, "user", VENDOR_COUNT, user_columns(scanner))
    await copy_rows(
        connection,
        "vendor_member",
        VENDOR_COUNT,
        lambda n: {
            "id": numbered_id(vendor, n),
            "vendor_id": numbered_id(vendor, n),
            "user_id": numbered_id(scanner, n),
            "role": "SCANNER",
        },
    )
    await copy_rows(
        connection,
        "offer",
        OFFER_COUNT + HOT_OFFER_COUNT,
        lambda n: (
            _validity("ends_at")
            | {
                "id": numbered_id(numbering.OFFER, n),
                "vendor_id": numbered_id(vendor, n % VENDOR_COUNT),
                "capacity": 1_000_000,
                "claimed": 0,
                "per_user_limit": 20,
            }
        ),
        state="PUBLISHED",
    )
    offers = [numbering.uuid_of(numbering.OFFER, n) for n in range(OFFER_COUNT + HOT_OFFER_COUNT)]
    await list_offers(AsyncSession(connection), offers=offers)
    await copy_rows(connection, "user", users, user_columns(numbering.USER))
    await connection.execute(INSERT_SESSIONS)
    await connection.execute(text("ANALYZE"))


async def insert_vouchers(connection: AsyncConnection, run: LoadRun, count: int) -> None:
    """Insert redeemable vouchers, with users and offers as in `LoadRun.target`."""

    def columns(n: Number) -> dict[str, Any]:
        number = n + run.first
        offer = (number + run.index) % OFFER_COUNT
        return _validity("expires_at") | {
            "id": numbered_id(numbering.VOUCHER, number),
            "offer_id": numbered_id(numbering.OFFER, offer),
            "vendor_id": numbered_id(numbering.VENDOR, offer % VENDOR_COUNT),
            "user_id": numbered_id(numbering.USER, (number + run.first_user) % run.users),
            "code": literal("V").concat(func.lpad(func.to_hex(number), 10, "0")),
            "claim_number": 1,
            "holder_number": 1,
            "uses": 0,
            "generation": 1,
        }

    await copy_rows(connection, "voucher", count, columns, state="CLAIMED")
    ends = [run.first, run.first + count - 1]
    first, last = (numbering.uuid_of(numbering.VOUCHER, number) for number in ends)
    await connection.execute(COUNT_CLAIMS, {"first": first, "last": last})


def numbered_id(kind: int, number: Number) -> ColumnElement[Any]:
    prefix = literal(f"{kind:08x}-0000-7000-8000-")
    return cast(prefix.concat(func.lpad(func.to_hex(number), 12, "0")), Uuid)


def _validity(end_column: str) -> dict[str, Any]:
    return {"starts_at": now() - timedelta(days=1), end_column: now() + timedelta(days=7)}


async def copy_rows(
    connection: AsyncConnection,
    name: str,
    count: int,
    changes: Callable[[Number], dict[str, Any]],
    **like: str,
) -> None:
    """Insert copies of the first row that matches `like`.

    `changes` returns the columns that differ.
    """
    table = TABLES[name]
    columns = [one for one in table.columns if one.computed is None]
    pattern = select(table).filter_by(**like).order_by(table.c.id).limit(1).subquery("pattern")
    series = (
        func.generate_series(0, count - 1)
        .table_valued(column("n", Integer), name="series")
        .render_derived()
    )
    changed = changes(series.c.n)
    if unknown := changed.keys() - table.columns.keys():
        raise ValueError(f"Table {name} has no columns {sorted(unknown)}.")
    values = [
        value if isinstance(value, ColumnElement) else literal(value, one.type)
        for one in columns
        for value in [changed.get(one.name, pattern.c[one.name])]
    ]
    rows = select(*values).select_from(pattern.join(series, true()))
    await connection.execute(insert(table).from_select([one.name for one in columns], rows))
