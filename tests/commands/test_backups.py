"""docs/operating.md, "Backups": the commands, on a database with two ordinary roles."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from sqlalchemy import make_url

from core.runtime.embedded import as_role
from core.settings import HOME
from tests import servers
from tests.commands.installation import Installation, postgresql_programs
from tests.processes import free_port

PAGE = (HOME / "docs/operating.md").read_text()
SECTION = PAGE.partition("## Backups\n")[2].partition("\n## ")[0]
BACKUP, CREATE, RESTORE = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)


async def run(block: str, folder: Path, installation: Installation, **more: str) -> None:
    url = make_url(installation.environment["DATABASE_URL"])
    connection = {"PGHOST": str(url.query["host"]), "PGUSER": servers.SUPERUSER}
    path = f"{postgresql_programs()}:{os.environ['PATH']}"
    ran = await asyncio.to_thread(
        subprocess.run,
        [
            *("bash", "-c"),
            f'haat() {{ "{sys.executable}" "{HOME}/cli.py" "$@"; }}\nset -e\n{block}',
        ],
        env=os.environ | connection | dict(installation.environment) | more | {"PATH": path},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture
async def source(tmp_path: Path, worker_id: str) -> Installation:
    """Return an installation with keys, categories and a file."""
    name = f"haat_backup_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    made = await Installation.create(tmp_path, servers.url_of(name))
    for command in (("keys",), ("categories", "load", "commands/examples/categories.csv")):
        assert (await made.run(*command)).status == 0
    objects = Path(made.environment["OBJECTS_FOLDER"])
    (objects / "kept").mkdir(parents=True)
    (objects / "kept/1").write_text("A file.")
    return made


async def test_a_backup_is_restored(source: Installation, tmp_path: Path, worker_id: str) -> None:
    await run(BACKUP, tmp_path, source)
    role, name = f"haat_owner_{worker_id}", f"haat_restored_{worker_id}"
    await servers.run_as_superuser(f"CREATE ROLE {role} LOGIN")
    create = CREATE.replace("haat_restored", name).replace("=haat_owner ", f"={role} ")
    await run(create, tmp_path, source)

    lost = [Path(source.environment[one]) for one in ("KEYS_FILE", "OBJECTS_FOLDER")]
    for path in lost:
        path.rename(path.with_suffix(".lost"))
    mail = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        restored = {
            "DATABASE_URL": servers.url_of(name),
            "MIGRATIONS_URL": as_role(servers.url_of(name), role),
            "MAIL_URL": f"smtp://127.0.0.1:{mail.port}",
        }
        await run(RESTORE, tmp_path, source, **restored)
    finally:
        mail.stop()
    assert (lost[1] / "kept/1").read_text() == "A file."
    application = await asyncpg.connect(restored["DATABASE_URL"])
    assert await application.fetchval("SELECT count(*) FROM category") == 68
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await application.execute("DELETE FROM audit_entry")
    await application.close()
