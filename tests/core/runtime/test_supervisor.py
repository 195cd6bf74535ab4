"""Children of one command: one ends all, the others are started again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.runtime import supervisor

SERVE = "import time; time.sleep(2); raise SystemExit(7)"
WORK = "open({file!r}, 'a').write('started\\n'); raise SystemExit({code})"


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("code", [0, 1])
def test_a_worker_that_ends_is_started_again(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "starts"
    programs = {"serve": SERVE, "worker": WORK.format(file=str(file), code=code)}
    monkeypatch.setattr(supervisor, "RESTART_SECONDS", 0.1)
    monkeypatch.setattr(supervisor, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(
        supervisor, "_start", lambda name: subprocess.Popen([sys.executable, "-c", programs[name]])
    )
    ended = supervisor.run_together(
        "serve",
        restarted=("worker",),
        is_ready=lambda: True,
        on_ready=lambda: None,
        stop_seconds=5,
    )
    assert ended == 7
    assert len(file.read_text().splitlines()) > 2
