"""The demo servers as `make run` starts them, which a test can stop and restart."""

import os
from contextlib import ExitStack
from pathlib import Path

from playwright.async_api import Page

from core.settings import HOME
from tests.processes import done, free_port, running, wait_until_ready
from tests.running import Valkey


class DemoServers:
    """A seeded database, a server and a worker."""

    def __init__(self, folder: Path, database_url: str, valkey: Valkey) -> None:
        port = free_port()
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
        done("seed", **self._environment)
        self._worker.enter_context(running("worker", **self._environment))
        self.start_server()

    def close(self) -> None:
        self.stop_server()
        self._worker.close()

    def start_server(self) -> None:
        self._server.enter_context(running("serve", **self._environment))
        wait_until_ready(self.address)

    def stop_server(self) -> None:
        self._server.close()


async def photograph(page: Page, name: str) -> None:
    folder = Path(os.environ.get("TEST_RESULTS", HOME / "test-results"))
    await page.screenshot(path=folder / f"{name}.png")
