"""The demo servers as `make run` starts them, which a test can stop and restart."""

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from playwright.async_api import Page

from commands.payments import settings_of_stand_in
from core.settings import HOME, Settings
from payments_stand_in.server import notify
from tests.payment_providers import running_stand_in
from tests.processes import DEVELOPMENT, done, free_port, running, wait_until_ready
from tests.running import Valkey

RESULTS = Path(os.environ.get("TEST_RESULTS", HOME / "test-results"))
PATIENCE_SECONDS = 240  # on a machine that is busy with other tests


class DemoServers:
    """A seeded database, a server and a worker."""

    def __init__(self, folder: Path, database_url: str, valkey: Valkey) -> None:
        port = free_port()
        self.database_url = database_url
        self.address = f"http://127.0.0.1:{port}"
        self.valkey = valkey
        self._environment = {
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.url,
            "KEYS_FILE": str(folder / "keys.json"),
            "OUTBOX": str(folder / "outbox"),
            "OBJECTS_FOLDER": str(folder / "objects"),
            "NOTIFY_AFTER_SECONDS": "1",
            "PORT": str(port),
        }
        self._worker, self._server = ExitStack(), ExitStack()

    def open(self) -> None:
        stand_in = self._worker.enter_context(running_stand_in())
        notify(stand_in.state, self.address)
        self.payments = stand_in.url
        self._environment |= settings_of_stand_in(Settings.for_tools(), stand_in.url)
        done("seed", **self._environment)
        self.start_server()
        self._worker.enter_context(running("worker", **self._environment))

    def command(self, *words: str) -> str:
        """Run a `haat` command on the same database, and return its output."""
        return subprocess.run(
            [sys.executable, str(HOME / "cli.py"), *words],
            env=os.environ | DEVELOPMENT | self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout.strip()

    def close(self) -> None:
        self.stop_server()
        self._worker.close()

    def start_server(self) -> None:
        process = self._server.enter_context(running("serve", **self._environment))
        wait_until_ready(self.address, PATIENCE_SECONDS, process=process)

    def stop_server(self) -> None:
        self._server.close()


async def photograph(page: Page, name: str) -> None:
    await page.screenshot(path=RESULTS / f"{name}.png")
