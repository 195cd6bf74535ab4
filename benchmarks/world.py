"""The rows that claims and redemptions work on, made in bulk from rows of the demo town.

Each is a copy of a real one with what matters here set anew, so that a new column
needs nothing here.
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
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import numbers
from benchmarks.numbers import HOT_OFFERS, OFFERS, VENDORS, Turn
from core.clock import now
from models import registry

TABLES = registry.offers.Offer.metadata.tables
Number = ColumnElement[int]
COUNT_CLAIMS = text(
    """
    UPDATE offer SET claimed = claimed + planted.vouchers
    FROM (
        SELECT offer_id, count(*) AS vouchers FROM voucher
        WHERE id BETWEEN :first AND :last GROUP BY offer_id
    ) AS planted
    WHERE offer.id = planted.offer_id
    """
)


async def plant(connection: AsyncConnection, users: int) -> None:
    """Vendors with somebody at the till, offers that never run out, and users."""
    vendor, scanner = numbers.VENDOR, numbers.SCANNER

    def person(kind: int) -> Callable[[Number], dict[str, Any]]:
        named = literal(f"load-{kind}-")
        return lambda n: {
            "id": _id(kind, n),
            "email": named.concat(n).concat("@load.example"),
            "role": "USER",
        }

    await _copy(connection, "vendor", VENDORS, lambda n: {"id": _id(vendor, n)}, status="APPROVED")
    await _copy(connection, "user", VENDORS, person(scanner))
    await _copy(
        connection,
        "vendor_member",
        VENDORS,
        lambda n: {
            "id": _id(vendor, n),
            "vendor_id": _id(vendor, n),
            "user_id": _id(scanner, n),
            "role": "SCANNER",
        },
    )
    await _copy(
        connection,
        "offer",
        OFFERS + HOT_OFFERS,
        lambda n: (
            _window("ends_at")
            | {
                "id": _id(numbers.OFFER, n),
                "vendor_id": _id(vendor, n % VENDORS),
                "capacity": 1_000_000,
                "claimed": 0,
                "per_user_limit": 20,
            }
        ),
        state="PUBLISHED",
    )
    await _copy(connection, "user", users, person(numbers.USER))
    await connection.execute(text("ANALYZE"))


async def plant_vouchers(connection: AsyncConnection, turn: Turn, count: int) -> None:
    """`count` vouchers to redeem, claimed in the way that `Turn.place` says."""

    def own(n: Number) -> dict[str, Any]:
        number = n + turn.first
        offer = (number + turn.index) % OFFERS
        return _window("expires_at") | {
            "id": _id(numbers.VOUCHER, number),
            "offer_id": _id(numbers.OFFER, offer),
            "vendor_id": _id(numbers.VENDOR, offer % VENDORS),
            "user_id": _id(numbers.USER, number % turn.users),
            "code": literal("V").concat(func.lpad(func.to_hex(number), 10, "0")),
            "turn": 1,
            "generation": 1,
        }

    await _copy(connection, "voucher", count, own, state="CLAIMED")
    ends = [turn.first, turn.first + count - 1]
    first, last = (numbers.uuid_of(numbers.VOUCHER, number) for number in ends)
    await connection.execute(COUNT_CLAIMS, {"first": first, "last": last})


def _id(kind: int, number: Number) -> ColumnElement[Any]:
    """As `numbers.uuid_of`, in SQL."""
    prefix = literal(f"{kind:08x}-0000-7000-8000-")
    return cast(prefix.concat(func.lpad(func.to_hex(number), 12, "0")), Uuid)


def _window(ends: str) -> dict[str, Any]:
    return {"starts_at": now() - timedelta(days=1), ends: now() + timedelta(days=7)}


async def _copy(
    connection: AsyncConnection,
    name: str,
    count: int,
    own: Callable[[Number], dict[str, Any]],
    **like: str,
) -> None:
    """Copies of a row that is `like` this, one for each number, with columns of their own."""
    table = TABLES[name]
    columns = [one for one in table.columns if one.computed is None]
    pattern = select(table).filter_by(**like).order_by(table.c.id).limit(1).subquery("pattern")
    series = (
        func.generate_series(0, count - 1)
        .table_valued(column("n", Integer), name="series")
        .render_derived()
    )
    changed = own(series.c.n)
    values = [
        value if isinstance(value, ColumnElement) else literal(value, one.type)
        for one in columns
        for value in [changed.get(one.name, pattern.c[one.name])]
    ]
    rows = select(*values).select_from(pattern.join(series, true()))
    await connection.execute(insert(table).from_select([one.name for one in columns], rows))
