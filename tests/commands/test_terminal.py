"""The terminal of an operator shows results, and no log lines between them."""

import asyncio
import os
import pty
import subprocess
import sys

from alembic import command
from sqlalchemy import text

from core.database import Database
from core.runtime.migrations import newest_migration
from core.settings import HOME, Settings
from tests import servers
from tests.commands.installation import Installation
from tests.factories.world import World
from tests.models.test_migrations import OLD_USER, config_of, number_of


def on_terminal(installation: Installation, *command: str) -> str:
    """Run `haat` with a terminal as its standard error, and return what is shown there."""
    shown, terminal = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, str(HOME / "cli.py"), *command],
            env=os.environ | dict(installation.environment),
            stdout=subprocess.DEVNULL,
            stderr=terminal,
            timeout=60,
            check=True,
        )
        return os.read(shown, 65_536).decode()
    finally:
        os.close(terminal)
        os.close(shown)


async def test_a_terminal_shows_no_log_lines(world: World, installation: Installation) -> None:
    create = ("admin", "create", "asha@shop.example")
    assert (await installation.run("keys")).status == 0
    assert "security.act" in (await installation.run_process(*create)).errors
    shown = await asyncio.to_thread(on_terminal, installation, *create)
    assert "Open this link before" in shown
    assert "security.act" not in shown


async def test_migrate_states_what_it_did(installation: Installation, worker_id: str) -> None:
    name, newest = f"haat_migrate_{worker_id}", newest_migration()
    await servers.create_database(name)
    for line in (
        f"Upgraded from an empty database to migration {newest}.",
        f"Nothing to do: the database is at migration {newest}.",
    ):
        ran = await installation.run_process(
            "migrate", DATABASE_URL=servers.url_of(name), MIGRATIONS_URL=servers.owner_url_of(name)
        )
        assert (ran.status, ran.lines) == (0, [line])


async def test_migrate_needs_the_keys_for_addresses_in_plain(
    installation: Installation, settings: Settings, worker_id: str
) -> None:
    """Without them it changes nothing, and creates none: the servers have others."""
    name = f"haat_without_keys_{worker_id}"
    await servers.create_database(name)
    url = servers.superuser_url_of(name)
    former = Database(Settings(database_url=url).sqlalchemy_url)
    before = f"{int(number_of('sealed_addresses')) - 1:04}"
    await asyncio.to_thread(command.upgrade, config_of(former, settings), before)
    async with former.session() as session, session.begin():
        await session.execute(OLD_USER, {"name": "Asha"})
    ran = await installation.run_process("migrate", DATABASE_URL=url)
    assert (ran.status, ran.output) == (2, "")
    assert "keys.json is missing. Create it with `haat keys`." in ran.errors
    missing = await installation.run("admin", "create", "asha@shop.example")
    assert "is missing" in missing.errors, "the migration has created none"
    async with former.session() as session:
        (stored,) = (await session.execute(text('SELECT email::text FROM "user"'))).scalars()
    assert stored.endswith("@haat.example")
    await former.close()
