"""A production server logs its start, the reason of its end, and no probe that passes."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.settings import HOME, Settings
from core.version import VERSION
from tests.hostile.production import ServerProcess, production
from tests.hostile.production import serving as serving_production


def events(log: Path) -> list[dict[str, Any]]:
    lines = log.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def named(log: Path, name: str) -> list[dict[str, Any]]:
    return [event for event in events(log) if event["event"] == name]


@pytest.fixture(params=[1, 2])
def logged(
    request: pytest.FixtureRequest, settings: Settings
) -> Iterator[tuple[ServerProcess, Path, int]]:
    """Run a server with one process, and with two."""
    environment = production(settings) | {"WORKERS": str(request.param)}
    with serving_production(environment) as server:
        yield server, server.log, request.param


def test_start_and_stop_are_logged(logged: tuple[ServerProcess, Path, int]) -> None:
    server, log, workers = logged
    (start,) = named(log, "server.starting")
    assert start["version"] == VERSION
    assert server.url.endswith(start["address"])
    assert (start["workers"], start["environment"]) == (workers, "production")
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(20)
    assert len(named(log, "server.process_ready")) == workers
    assert {event["reason"] for event in named(log, "server.stopping")} == {"SIGTERM"}
    assert [event["reason"] for event in named(log, "server.stopped")] == ["SIGTERM"]


def test_probes_are_logged_only_if_they_fail(logged: tuple[ServerProcess, Path, int]) -> None:
    server, log, _ = logged
    assert httpx.get(f"{server.url}/health").json() == {"status": "alive", "version": VERSION}
    assert httpx.get(f"{server.url}/ready").status_code == 200
    assert httpx.get(f"{server.url}/metrics").status_code == 404, "it has the operations port"
    assert httpx.get(f"{server.url}/.well-known/jwks.json").status_code == 200
    server.process.send_signal(signal.SIGTERM)  # writes the log events that wait
    server.process.wait(20)
    paths = {event["path"]: event["status"] for event in named(log, "http.request")}
    paths.pop("/ready", None)  # the wait for the start may have failed
    assert paths == {"/metrics": 404, "/.well-known/jwks.json": 200}


def test_the_command_prints_its_version() -> None:
    call = [sys.executable, str(HOME / "cli.py"), "--version"]
    assert subprocess.run(call, capture_output=True, text=True, check=True).stdout == (
        f"haat {VERSION}\n"
    )
