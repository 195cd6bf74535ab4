"""Rows of append-only tables cannot be changed over a connection of a server or a worker."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import Database
from core.outages import sqlstate
from core.runtime.embedded import OWNER, as_role
from core.settings import Settings
from models.registry import append_only_tables
from tests.factories.world import World

INSUFFICIENT_PRIVILEGE = "42501"
DELETE, UPDATE, TRUNCATE = 8, 16, 32  # bits of `pg_trigger.tgtype`
# Some columns of an invoice change once: its own triggers refuse the rest. See `test_immutable`.
KEPT = {"invoice": TRUNCATE}
REFUSING = text(
    """
    SELECT tgrelid::regclass::text, bit_or(tgtype::int) & 56
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE prosrc LIKE '%append-only%' AND tgenabled = 'O' GROUP BY tgrelid
    """
)
CHANGES = (
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",  # without it, a table that others refer to has no TRUNCATE
)
# Ways to take the triggers away, or the table from its owner.
DEFINITIONS = (
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TRIGGER {table}_append_only ON {table}",
    "DROP TRIGGER {table}_refuse_truncate ON {table}",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_truncate()",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "ALTER TABLE {table} ADD COLUMN mine integer",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} RENAME TO mine",
    "DROP TABLE {table}",
)
# The same for other tables, and other ways to get there.
OTHERS = (
    'TRUNCATE "user" CASCADE',
    'ALTER TABLE "user" ADD COLUMN mine integer',
    "CREATE TABLE mine (id integer)",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE INDEX mine ON category (id)",
    "UPDATE alembic_version SET version_num = '0001'",
    "DROP FUNCTION delete_old_audit_entries(integer)",
    "ALTER FUNCTION refuse_truncate() RENAME TO mine",
    "CREATE OR REPLACE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
    f"SET ROLE {OWNER}",
    f"GRANT {OWNER} TO CURRENT_USER",
    "SET session_replication_role = replica",
    "CREATE ROLE mine SUPERUSER",
)


@pytest.fixture(scope="module")
async def owner(settings: Settings) -> AsyncIterator[Database]:
    database = Database(as_role(settings.sqlalchemy_url, OWNER), pool=1)
    yield database
    await database.close()


async def refusal(database: Database, *statements: str) -> tuple[str | None, str]:
    """Return the SQLSTATE and the message of what is refused, and nothing for what is not."""
    async with database.session() as session:
        try:
            for statement in statements:
                await session.execute(text(statement))
        except DBAPIError as error:
            return sqlstate(error), str(error.orig)
    return None, ""


async def changes_of(database: Database, table: str) -> list[str]:
    """Return the changes, of a table with a row, which a trigger of rows needs."""
    columns = """
        SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum = 1
    """
    async with database.session() as session:
        column = await session.scalar(text(columns), {"table": table})
        assert await session.scalar(text(f"SELECT EXISTS (SELECT FROM {table})"))
    return [change.format(table=table, column=column) for change in CHANGES]


async def test_append_only_tables_are_those_with_triggers(database: Database) -> None:
    async with database.session() as session:
        found = {str(table): bits for table, bits in await session.execute(REFUSING)}
    assert found == dict.fromkeys(append_only_tables(), DELETE | UPDATE | TRUNCATE) | KEPT
    assert {"audit_entry", "erasure"} <= found.keys()


@pytest.mark.parametrize("table", append_only_tables())
async def test_the_role_of_servers_cannot_change_rows(
    peopled: World, database: Database, table: str
) -> None:
    definitions = [statement.format(table=table) for statement in DEFINITIONS]
    for statement in (*await changes_of(database, table), *definitions):
        state, message = await refusal(database, statement)
        assert state == INSUFFICIENT_PRIVILEGE, statement
        assert "permission denied" in message or "must be owner" in message, statement


@pytest.mark.parametrize("table", append_only_tables())
async def test_triggers_refuse_changes_of_the_owner(
    peopled: World, database: Database, owner: Database, table: str
) -> None:
    changes = await changes_of(database, table)
    for change in changes:
        state, message = await refusal(owner, change)
        assert (state, message) == (INSUFFICIENT_PRIVILEGE, f"{table} is append-only")
    without = f"ALTER TABLE {table} DISABLE TRIGGER USER"
    # A deferred check of a table that refers to itself would stop its own TRUNCATE.
    at_once = "SET CONSTRAINTS ALL IMMEDIATE"
    assert await refusal(owner, without, at_once, *changes) == (None, ""), "a control"


@pytest.mark.parametrize("statement", OTHERS)
async def test_the_role_of_servers_changes_rows_and_nothing_else(
    database: Database, statement: str
) -> None:
    state, message = await refusal(database, statement)
    assert state == INSUFFICIENT_PRIVILEGE, message
