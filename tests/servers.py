"""The servers of a test run: started once, shared by all pytest workers."""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from core.runtime.embedded import servers
from core.settings import HOME

TEMPLATE = "haat_template"


def start(stack: ExitStack) -> None:
    """Start PostgreSQL with a migrated template database, and Valkey; set their URLs in
    `environ`.
    """
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="haat-test-")))
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    running = stack.enter_context(servers(folder))
    os.environ["HAAT_TEST_DATABASE"] = running.database_url
    os.environ["HAAT_TEST_REDIS"] = running.redis_url
    os.environ["STATEMENT_TIMEOUT_SECONDS"] = "20"  # the machine may be busy with other tests
    asyncio.run(_trade_durability_for_speed())
    asyncio.run(create_database(TEMPLATE))
    migrate(url_of(TEMPLATE))


async def _trade_durability_for_speed() -> None:
    """Skip the waits for the disk. Only a crash of the operating system could lose a commit."""
    connection = await asyncpg.connect(os.environ["HAAT_TEST_DATABASE"])
    for setting in ("fsync", "full_page_writes"):
        await connection.execute(f"ALTER SYSTEM SET {setting} = off")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.close()


async def create_database(name: str, template: str = "template1") -> None:
    connection = await asyncpg.connect(os.environ["HAAT_TEST_DATABASE"])
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    await connection.close()


def url_of(name: str) -> str:
    return os.environ["HAAT_TEST_DATABASE"].replace("/haat?", f"/{name}?")


def redis_url() -> str:
    return os.environ["HAAT_TEST_REDIS"]


def migrate(url: str) -> None:
    config = Config(HOME / "alembic.ini")
    config.set_main_option("sqlalchemy.url", url.replace("://", "+asyncpg://").replace("%", "%%"))
    command.upgrade(config, "head")
