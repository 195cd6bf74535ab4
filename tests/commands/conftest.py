"""Installations for commands: migrated ones share the database of the tests."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from core.runtime.embedded import as_role
from tests import servers
from tests.commands.installation import Installation, postgresql_programs
from tests.commands.walk import OPERATING, Mailbox
from tests.processes import free_port

(ROLES,) = re.findall(r"```sql\n(CREATE ROLE haat_owner.*?)```", OPERATING, re.DOTALL)


@pytest.fixture
async def installation(tmp_path: Path, database_url: str) -> Installation:
    """Return an installation on the database of `world`, which is migrated."""
    return await Installation.create(tmp_path, database_url)


@pytest.fixture
async def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def empty(
    tmp_path: Path, worker_id: str, mailbox: Mailbox, request: pytest.FixtureRequest
) -> AsyncIterator[Installation]:
    """Yield an installation on an empty database, whose mail goes to the mailbox."""
    name = f"haat_{request.node.name.removeprefix('test_')}_{worker_id}"
    await _create(name)
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield await Installation.create(
        tmp_path,
        as_role(servers.superuser_url_of(name), f"{name}_app"),
        smtp_port=controller.port,
        MIGRATIONS_URL=as_role(servers.superuser_url_of(name), f"{name}_owner"),
        ANONYMOUS_POINTS="1000000",
    )
    controller.stop()


async def _create(name: str) -> None:
    """Create the database and its roles by the statements of the page, with other names."""
    block = ROLES
    for theirs, ours in (
        ("haat_owner", f"{name}_owner"),
        ("haat_app", f"{name}_app"),
        ("DATABASE haat ", f"DATABASE {name} "),
        ("connect haat\n", f"connect {name}\n"),
    ):
        assert theirs in block
        block = block.replace(theirs, ours)
    command = [str(postgresql_programs() / "psql"), "--set=ON_ERROR_STOP=1", "--quiet"]
    url = servers.superuser_url_of("postgres")
    execute = partial(subprocess.run, [*command, url], input=block, text=True, check=True)
    await asyncio.to_thread(execute)
