"""A warm process is like a new one: its settings, output, end and secrets are its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from core.settings import HOME, Settings
from tests import warm_processes
from tests.processes import DEVELOPMENT, free_port, wait_until_ready

NO_LIMIT = 60  # seconds


def environment(settings: Settings, port: int) -> dict[str, str]:
    return (
        os.environ
        | DEVELOPMENT
        | {
            "PORT": str(port),
            "DATABASE_URL": str(settings.database_url),
            "REDIS_URL": settings.redis,
            "KEYS_FILE": str(settings.keys_file),
            "OUTBOX": str(settings.outbox),
            "OBJECTS_FOLDER": str(settings.objects_folder),
        }
    )


def warm(command: str, environment: dict[str, str], log: Path) -> tuple[int, str]:
    with log.open("wb") as output:
        code = warm_processes.start(command, environment, output).wait(NO_LIMIT)
    return code, log.read_text()


def test_the_parent_has_only_imported() -> None:
    parent = psutil.Process(warm_processes.parent().pid)
    assert parent.num_threads() == 1
    assert parent.net_connections("inet") == []


@pytest.mark.parametrize("wrong", [{"DATABASE_URL": "nonsense"}, {"PORT": "0", "HOST": "*"}])
def test_it_is_refused_as_a_new_process_is(wrong: dict[str, str], tmp_path: Path) -> None:
    given = {"PATH": os.environ["PATH"], "REDIS_URL": "redis://127.0.0.1:9"} | DEVELOPMENT | wrong
    cold = subprocess.run(
        [sys.executable, str(HOME / "cli.py"), "serve"],
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert cold.returncode == 2
    assert warm("serve", given, tmp_path / "log") == (cold.returncode, cold.stdout)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_by_a_signal(settings: Settings, tmp_path: Path, number: int) -> None:
    port = free_port()
    with (tmp_path / "log").open("wb") as output:
        server = warm_processes.start("serve", environment(settings, port), output)
    wait_until_ready(f"http://127.0.0.1:{port}", process=server)
    with pytest.raises(subprocess.TimeoutExpired):
        server.wait(0.1)
    assert server.poll() is None
    server.send_signal(number)
    assert server.wait(NO_LIMIT) == server.poll() == -number
    assert not psutil.pid_exists(server.pid)
    server.send_signal(number)  # to none
    stopped = "server.stopped" in (tmp_path / "log").read_text()
    assert stopped == (number == signal.SIGTERM)


def test_each_makes_secrets_of_its_own(tmp_path: Path) -> None:
    kept = {"PATH": os.environ["PATH"]} | DEVELOPMENT
    made = []
    for name in ("one", "two"):
        code, printed = warm(
            "keys", kept | {"KEYS_FILE": str(tmp_path / name)}, tmp_path / f"{name}.log"
        )
        assert code == 0, printed
        made.append({key["kid"] for key in json.loads(printed)["keys"]})
    assert made[0].isdisjoint(made[1])
