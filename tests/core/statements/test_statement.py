"""Statements that are compiled once: constants, parameters, results, and errors."""

from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
from asyncpg.exceptions import InterfaceError
from sqlalchemy import Executable, bindparam, literal
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select, update

from core.database import Database, constraint
from core.ids import new_id
from core.outages import is_outage, is_refused_value, sqlstate
from core.statements.selected import columns_of
from core.statements.session_connection import driver_connection
from core.statements.statement import Statement, any_of
from models.idempotency import IdempotencyKey
from models.offers.offers import Offer, OfferLike, OfferState
from tests.factories.world import World

BY_ID = Statement(select(*columns_of(Offer)).where(any_of(col(Offer.id))), Offer)
BY_TITLE = Statement(
    select(Offer.id).where(col(Offer.title)["en"].as_string() == bindparam("title"))
)
LIKE = Statement(insert(OfferLike).on_conflict_do_nothing())
LIKES = Statement(
    select(col(OfferLike.offer_id), func.count().label("number"))
    .where(any_of(col(OfferLike.offer_id)))
    .group_by(col(OfferLike.offer_id))
)


def test_constants_are_part_of_the_text_and_the_rest_are_parameters() -> None:
    quoted = Statement(
        select(Offer.id).where(
            Offer.state == OfferState.PUBLISHED,
            col(Offer.country).in_(["DE", "D'E"]),
            Offer.vendor_id == bindparam("vendor_id"),
            Offer.ends_at > bindparam("moment", callable_=lambda: datetime(2030, 1, 1, tzinfo=UTC)),
        )
    )
    assert "state = 'PUBLISHED'" in quoted.sql
    assert "IN ('DE', 'D''E')" in quoted.sql
    vendor_id = new_id()
    found = quoted.arguments({"vendor_id": vendor_id, "unused": 1})
    assert found == [vendor_id, datetime(2030, 1, 1, tzinfo=UTC)]
    later = datetime(2031, 1, 1, tzinfo=UTC)
    assert quoted.arguments({"vendor_id": vendor_id, "moment": later}) == [vendor_id, later]


@pytest.mark.parametrize(
    "statement",
    [
        select(Offer.id).where(Offer.vendor_id == new_id()),
        select(Offer.id).where(col(Offer.id).in_([new_id()])),
        select(Offer.id).where(Offer.ends_at > datetime.now(UTC)),
        select(Offer.id).where(col(Offer.id).in_(bindparam("ids", expanding=True))),
        select(literal("\\")),
    ],
)
def test_a_value_of_one_caller_is_refused(statement: Executable) -> None:
    """The negative control: without the check, every caller would send it."""
    with pytest.raises(TypeError):
        Statement(statement)


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TypeError, match="needs a value for keys"):
        BY_ID.arguments({"key": []})


async def test_rows_are_records_of_the_table(
    world: World, connection: asyncpg.Connection, database: Database
) -> None:
    offer = await world.offer(await world.vendor(), capacity=5, title={"en": "Tea", "de": "Tee"})
    (row,) = await BY_ID.fetch(connection, keys=[offer.id, new_id()])
    names = [column.name for column in columns_of(Offer)]
    async with database.session() as session:
        stored = await session.get_one(Offer, offer.id)
    assert {name: getattr(row, name) for name in names} == {
        name: getattr(stored, name) for name in names
    }
    assert row.state is stored.state, "a member of the enum, and not its name"
    assert row.remaining == 5
    assert not {"search_text", "position"} & set(names), "columns for statements only"


async def test_values_are_written_as_the_orm_writes_them(
    world: World, connection: asyncpg.Connection, database: Database
) -> None:
    offer = await world.offer(await world.vendor())
    change = Statement(
        update(Offer)
        .where(col(Offer.id) == bindparam("offer_id"))
        .values(
            state=bindparam("state"),
            title=bindparam("title"),
            pin_codes=bindparam("pin_codes"),
            claimed=col(Offer.claimed) + 1,
            free_item=None,
        )
    )
    given: dict[str, Any] = {
        "state": OfferState.PAUSED,
        "title": {"en": "Ünï ☕"},
        "pin_codes": ["10115", "20095"],
    }
    assert await change.execute(connection, offer_id=offer.id, **given) == 1
    assert await change.execute(connection, offer_id=new_id(), **given) == 0
    async with database.session() as session:
        stored = await session.get_one(Offer, offer.id)
    assert {name: getattr(stored, name) for name in given} == given
    assert stored.claimed == 1


async def test_the_transaction_of_a_session_includes_statements(
    world: World, database: Database
) -> None:
    """Also before the session's own first statement, and with the session's own codecs."""
    user = await world.user()
    offer = await world.offer(await world.vendor(), title={"en": "Tea"})
    like = {"user_id": user.id, "offer_id": offer.id, "created_at": datetime.now(UTC)}
    async with database.session() as session:
        connection = await driver_connection(session)
        assert await LIKE.execute(connection, **like) == 1
        assert await LIKE.execute(connection, **like) == 0
        row = await BY_ID.fetch_one(connection, keys=[offer.id])
        assert row
        assert row.title == {"en": "Tea"}
        await session.rollback()
    async with database.session() as session:
        assert await LIKES.fetch(await driver_connection(session), keys=[offer.id]) == []
        assert await BY_ID.fetch_one(await driver_connection(session), keys=[]) is None


async def test_a_statement_is_prepared_once_for_a_connection(
    connection: asyncpg.Connection,
) -> None:
    for _ in range(3):
        await BY_ID.fetch(connection, keys=[])
    named = "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1"
    assert await connection.fetchval(named, BY_ID.sql) == 1, "an unnamed one is planned each time"


async def test_a_change_of_the_schema_prepares_it_again(connection: asyncpg.Connection) -> None:
    statement = Statement(select(IdempotencyKey.key))

    async def keys() -> list[object]:
        return [row["key"] for row in await statement.fetch(connection)]

    await connection.execute("CREATE TEMPORARY TABLE idempotency_key AS SELECT '7' AS key")
    assert await keys() == ["7"]
    await connection.execute("ALTER TABLE idempotency_key ALTER key TYPE INTEGER USING key::int")
    assert await keys() == [7]
    await connection.execute("ALTER TABLE idempotency_key ALTER key TYPE TEXT")
    with pytest.raises(asyncpg.InvalidCachedStatementError):
        async with connection.transaction():
            await keys()
    assert await keys() == ["7"]


async def test_errors_are_explained_like_those_of_sessions(
    world: World, connection: asyncpg.Connection
) -> None:
    offer = await world.offer(await world.vendor())
    with pytest.raises(asyncpg.CharacterNotInRepertoireError) as untranslatable:
        await BY_TITLE.fetch(connection, title="\0")
    assert sqlstate(untranslatable.value) == "22021"
    assert is_refused_value(untranslatable.value)
    assert not is_outage(untranslatable.value)

    with pytest.raises(asyncpg.DataError) as wrong:
        await BY_ID.fetch(connection, keys=["no id"])
    assert is_refused_value(wrong.value)
    assert not is_outage(wrong.value)

    full = Statement(
        update(Offer).where(col(Offer.id) == bindparam("offer_id")).values(claimed=2, capacity=1)
    )
    with pytest.raises(asyncpg.CheckViolationError) as refused:
        await full.execute(connection, offer_id=offer.id)
    assert constraint(refused.value) == "offer_capacity_check"

    with pytest.raises(asyncpg.ConnectionDoesNotExistError) as ended:
        await connection.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
    assert is_outage(ended.value)
    with pytest.raises(InterfaceError) as closed:
        await connection.fetch("SELECT 1")
    assert is_outage(closed.value)
    assert not is_outage(InterfaceError("another operation is in progress"))
