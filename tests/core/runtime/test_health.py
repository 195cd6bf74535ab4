"""The health checks of containers."""

import asyncio
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from core.runtime.health import MAX_SILENCE_SECONDS, beat, beat_forever
from core.settings import HOME
from tests.processes import free_port


def check(*arguments: str) -> int:
    command = [sys.executable, "-m", "core.runtime.health", *arguments]
    return subprocess.run(command, cwd=HOME, check=False, capture_output=True).returncode


def test_a_worker_is_alive_while_it_beats(tmp_path: Path) -> None:
    file = tmp_path / "folder/heartbeat"
    assert check("worker", str(file)) == 1
    beat(file)
    assert check("worker", str(file)) == 0
    silent_since = file.stat().st_mtime - MAX_SILENCE_SECONDS
    os.utime(file, (silent_since, silent_since))
    assert check("worker", str(file)) == 1


async def test_the_event_loop_beats(tmp_path: Path) -> None:
    file = tmp_path / "heartbeat"
    beating = asyncio.create_task(beat_forever(file))
    async with asyncio.timeout(10):
        while not file.exists():  # noqa: ASYNC110 - there is nothing to wait on
            await asyncio.sleep(0)
    beating.cancel()


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_a_server_is_alive_while_it_answers() -> None:
    assert check("server", str(free_port())) == 1
    server = HTTPServer(("127.0.0.1", 0), Health)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert check("server", str(server.server_address[1])) == 0
    finally:
        server.shutdown()
        server.server_close()


def test_another_role_is_refused() -> None:
    assert check("till") == 1
