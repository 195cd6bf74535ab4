"""The role that owns the tables migrates them, and servers and workers use another one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from commands.connections import analyze_tables
from core.database import Database
from core.runtime.embedded import APPLICATION, OWNER
from core.runtime.migrations import newest_migration
from core.settings import HOME, Settings
from models.registry import append_only_tables
from tests import servers
from tests.commands.installation import Installation, Ran
from tests.processes import free_port

Execute = Callable[..., Awaitable[None]]
ONE_ROLE = f"DROP OWNED BY {APPLICATION}"  # all that it was given in this database
PROTECTED = f"as {APPLICATION}, which cannot change append-only tables"
SECRET = "hunter2hunter2"


@pytest.fixture(scope="module")
async def name(worker_id: str) -> str:
    """Return a migrated database of these tests alone."""
    name = f"haat_roles_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    return name


@pytest.fixture
async def separate(name: str, tmp_path: Path) -> Installation:
    """Return an installation with two roles, and with keys."""
    made = await Installation.create(
        tmp_path, servers.url_of(name), MIGRATIONS_URL=servers.owner_url_of(name)
    )
    assert (await made.run("keys")).status == 0
    return made


@pytest.fixture
def execute(name: str) -> Execute:
    """Return a function that executes statements as a role, in one transaction."""

    async def execute(*statements: str, url: str = servers.owner_url_of(name)) -> None:
        database = Database(Settings(database_url=url).sqlalchemy_url, pool=1)
        try:
            async with database.session() as session, session.begin():
                for statement in statements:
                    await session.execute(text(statement))
        finally:
            await database.close()

    return execute


def line_of_postgresql(ran: Ran) -> str:
    (line,) = [line for line in ran.lines if " PostgreSQL: " in line]
    return line


async def test_an_installation_with_one_role_gets_a_second(
    separate: Installation, name: str, execute: Execute
) -> None:
    """It works as before until the operator names the second one."""
    await execute(ONE_ROLE, url=servers.superuser_url_of(name))
    both = {"DATABASE_URL": servers.owner_url_of(name), "MIGRATIONS_URL": ""}
    assert (await separate.run("migrate", **both)).status == 0
    line = line_of_postgresql(await separate.run("check", **both))
    assert line.startswith("ok")
    assert f"as {OWNER}, which has the rights of the owner: only triggers protect the aud" in line
    for word in ("check", "serve"):
        ran = await separate.run(word)
        assert ran.status == 2
        shown = ran.output + ran.errors
        assert "its role has no rights on the tables. Run `haat migrate` with" in shown
    for _ in range(2):
        ran = await separate.run("migrate")
        assert ran.output.startswith("Nothing to do")
        line = line_of_postgresql(await separate.run("check"))
        assert line.startswith("ok")
        assert line.endswith(PROTECTED)


async def test_statistics_are_collected_as_the_owner(separate: Installation, name: str) -> None:
    """The other role may not: PostgreSQL would skip each table."""
    given: dict[str, Any] = {key.lower(): one for key, one in separate.environment.items()}
    settings = Settings(**given)
    await analyze_tables(settings)
    database = Database(Settings(database_url=servers.url_of(name)).sqlalchemy_url, pool=1)
    async with database.session() as session:
        rows = await session.execute(text("SELECT last_analyze FROM pg_stat_user_tables"))
        assert all(rows.scalars())
    await database.close()


async def test_tables_of_a_migration_are_granted_at_once(
    separate: Installation, name: str, execute: Execute
) -> None:
    """By default privileges and, should they be lost, by `haat migrate`."""
    assert (await separate.run("migrate")).status == 0
    await execute("CREATE TABLE later (id serial, name text)")
    used = (
        "INSERT INTO later (name) VALUES ('one')",
        "UPDATE later SET name = 'two' WHERE id > 0",
        "DELETE FROM later WHERE name = 'two'",
    )
    await execute(*used, url=servers.url_of(name))
    await execute(
        f"REVOKE ALL ON later FROM {APPLICATION}",
        f"REVOKE ALL ON SEQUENCE later_id_seq FROM {APPLICATION}",
    )
    with pytest.raises(DBAPIError, match="permission denied"):
        await execute(*used, url=servers.url_of(name))
    ran = await separate.run("check")
    assert f"{APPLICATION} lacks rights on later. Run `haat migrate`" in line_of_postgresql(ran)
    assert (await separate.run("migrate")).status == 0
    await execute(*used, url=servers.url_of(name))
    await execute("DROP TABLE later")


@pytest.mark.parametrize(
    "given",
    [
        f"GRANT ALL ON audit_entry TO {APPLICATION}",
        "GRANT DELETE ON erasure TO PUBLIC",
        f"GRANT UPDATE (times) ON audit_entry TO {APPLICATION}",
    ],
)
async def test_rights_to_change_the_audit_log_are_found_and_taken(
    separate: Installation, execute: Execute, given: str
) -> None:
    assert (await separate.run("migrate")).status == 0
    await execute(given)
    ran = await separate.run("check")
    assert ran.status == 2
    assert f"{APPLICATION} can change " in line_of_postgresql(ran)
    assert (await separate.run("migrate")).status == 0
    assert line_of_postgresql(await separate.run("check")).endswith(PROTECTED)


async def test_a_member_of_the_owner_is_the_owner(
    separate: Installation, name: str, execute: Execute
) -> None:
    """Rights that are taken from it do not matter then."""
    assert (await separate.run("migrate")).status == 0
    member = f"{name}_member"
    await execute(f"CREATE ROLE {member} LOGIN IN ROLE {OWNER}", url=servers.superuser_url_of(name))
    url = servers.url_of(name).replace(APPLICATION, member)
    ran = await separate.run("check", DATABASE_URL=url)
    tables = ", ".join(append_only_tables())
    assert f"{member} can change {tables}, although" in line_of_postgresql(ran)


async def test_a_role_that_can_create_tables_is_named(
    separate: Installation, execute: Execute
) -> None:
    assert (await separate.run("migrate")).status == 0
    await execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
    line = line_of_postgresql(await separate.run("check"))
    await execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    assert line.startswith("ok")
    assert "It can create tables: run `REVOKE CREATE ON SCHEMA public FROM PUBLIC`" in line


@pytest.mark.parametrize("word", ["migrate", "check"])
async def test_a_wrong_url_for_migrations_is_one_sentence(
    separate: Installation, name: str, word: str
) -> None:
    assert (await separate.run("migrate")).status == 0
    away = f"postgresql://haat:{SECRET}@127.0.0.1:{free_port()}/haat"
    for url, sentence in (
        (f"mysql://haat:{SECRET}@host/haat", "MIGRATIONS_URL must be a URL such as postgresql://"),
        (away, "MIGRATIONS_URL: PostgreSQL at 127.0.0.1, database 'haat', cannot be reached"),
        (servers.owner_url_of("nowhere"), 'refuses: database "nowhere" does not exist'),
        (servers.owner_url_of(servers.TEMPLATE), "DATABASE_URL another one"),
        (servers.url_of(name), f"the tables belong to {OWNER}, and {APPLICATION} has not its"),
    ):
        ran = await separate.run(word, MIGRATIONS_URL=url)
        assert ran.status == 2
        shown = ran.output + ran.errors
        (line,) = [line for line in shown.splitlines() if "MIGRATIONS_URL" in line]
        assert sentence in line
        assert SECRET not in shown
        assert "Traceback" not in shown


async def test_the_url_for_migrations_is_not_enough(separate: Installation) -> None:
    ran = await separate.run("migrate", DATABASE_URL="")
    assert ran.status == 2
    assert "DATABASE_URL must be set with MIGRATIONS_URL" in ran.errors


async def test_a_role_that_owns_nothing_cannot_migrate(
    tmp_path: Path, worker_id: str, name: str
) -> None:
    empty = f"haat_roles_empty_{worker_id}"
    await servers.create_database(empty)
    made = await Installation.create(tmp_path, servers.url_of(empty))
    ran = await made.run("migrate", MIGRATIONS_URL=servers.url_of(empty))
    assert ran.status == 2
    assert "MIGRATIONS_URL: PostgreSQL at " in ran.errors
    assert "permission denied for schema public" in ran.errors


async def test_a_migration_as_another_role_names_the_setting(
    separate: Installation, execute: Execute
) -> None:
    """Without a migration to run, it is none of its business."""
    assert (await separate.run("migrate")).status == 0
    ran = await separate.run("migrate", MIGRATIONS_URL="")
    assert (ran.status, ran.output.startswith("Nothing to do")) == (0, True)
    await execute("UPDATE alembic_version SET version_num = '0001'")
    ran = await separate.run("migrate", MIGRATIONS_URL="")
    await execute(f"UPDATE alembic_version SET version_num = '{newest_migration()}'")
    assert ran.status == 2
    assert f"{APPLICATION} cannot migrate them. Set MIGRATIONS_URL to connect as {OWNER}." in (
        ran.errors
    )


async def test_a_migration_that_does_not_know_the_role_keeps_the_audit_log(worker_id: str) -> None:
    """As `alembic upgrade` does. The tables have default privileges, which are too many for it."""
    name = f"haat_roles_unknown_{worker_id}"
    await servers.create_database(name)
    config = Config(HOME / "alembic.ini")
    url = servers.owner_url_of(name).replace("://", "+asyncpg://")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    owner = await asyncpg.connect(servers.owner_url_of(name))
    await owner.execute(
        f"ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APPLICATION}"
    )
    await asyncio.to_thread(command.upgrade, config, "0003")
    rights = {
        (table, right): await owner.fetchval(
            "SELECT has_table_privilege($1, $2, $3)", APPLICATION, table, right
        )
        for table in ("category", "audit_entry")
        for right in ("INSERT", "DELETE")
    }
    await owner.close()
    assert [right for right, given in rights.items() if not given] == [("audit_entry", "DELETE")]
