"""The metrics of several processes are added up, whichever of them answers."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import IO

import httpx
import psutil
import pytest

from core.observability import exposition
from core.observability.exposition import PREFIX
from core.settings import Settings
from core.version import VERSION
from tests.running import Server, serving

REQUESTS = 40
PATIENCE_SECONDS = 60  # longer than a process may take to answer its parent
POSTS = 'haat_http_requests_total{method="POST",status="200"}'


def metrics(server: Server) -> dict[str, float]:
    """Return the metrics over a new connection, and so from either process."""
    lines = httpx.get(f"{server.url}/metrics", timeout=20).text.splitlines()
    values = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in values}


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the servers write to a folder of their own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def folders(temporary: Path) -> set[Path]:
    return set(temporary.glob(f"{PREFIX}*"))


def processes(server: Server) -> set[str]:
    """Return the `haat_process_info` of the processes that answer ten requests."""
    infos = (metrics(server) for _ in range(10))
    return {name for info in infos for name in info if name.startswith("haat_process_info")}


def ask(server: Server, times: int) -> None:
    for _ in range(times):  # a connection each, so that both processes get some
        answer = httpx.post(f"{server.url}/graphql", json={"query": "{ __typename }"}, timeout=20)
        assert answer.status_code == 200


def test_a_server_that_starts_beside_does_not_delete_the_folder(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks for abandoned folders right before this one is locked."""
    lock, others = fcntl.flock, [exposition._delete_abandoned]

    def lock_late(file: IO[str], mode: int) -> None:
        if mode == fcntl.LOCK_EX and others:
            others.pop()()
        lock(file, mode)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    with exposition.shared_metrics():
        assert not others
        assert folders(temporary) == {Path(os.environ[exposition.VARIABLE])}
    assert not folders(temporary)


def test_an_abandoned_folder_is_deleted_under_its_lock(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or its server could take the lock between the look and the deletion."""
    abandoned = temporary / f"{PREFIX}a"
    abandoned.mkdir()
    (abandoned / exposition.LOCK).touch()
    delete = shutil.rmtree

    def check(folder: Path) -> None:
        with (folder / exposition.LOCK).open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        delete(folder)

    monkeypatch.setattr(shutil, "rmtree", check)
    exposition._delete_abandoned()
    assert not folders(temporary)


def test_two_processes_add_up_and_leave_nothing(
    settings: Settings, tmp_path: Path, temporary: Path
) -> None:
    with serving(settings, settings.redis, tmp_path / "log", workers=2) as server:
        assert len(processes(server)) == 2
        ask(server, REQUESTS)
        for _ in range(10):
            assert metrics(server)[POSTS] == REQUESTS
        assert metrics(server)[f'haat_info{{version="{VERSION}"}}'] == 1
        assert len(folders(temporary)) == 1

        victim = psutil.Process(server.process.pid).children()[-1].pid
        os.kill(victim, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(
            "server.process_ended" in line and str(victim) in line
            for line in server.log.read_text().splitlines()
        ):
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.1)
        assert metrics(server)[POSTS] == REQUESTS, "an ended process still counts"
        (folder,) = folders(temporary)
        assert not list(folder.glob(f"gauge_live*_{victim}.db")), "it holds nothing any more"
    assert folders(temporary) == set()


def test_the_files_of_a_killed_server_are_deleted(
    settings: Settings, tmp_path: Path, temporary: Path
) -> None:
    with serving(settings, settings.redis, tmp_path / "log", workers=2) as server:
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.end(signal.SIGKILL)
        for child in children:
            child.kill()
        psutil.wait_procs(children, timeout=10)
    (abandoned,) = folders(temporary)
    with serving(settings, settings.redis, tmp_path / "log", workers=2) as server:
        assert abandoned not in folders(temporary)
        assert len(folders(temporary)) == 1
    assert folders(temporary) == set()
