"""Runs several commands of this program as one unit."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from core.settings import HOME

POLL_SECONDS = 0.3


def run_together(
    commands: tuple[str, ...],
    *,
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
    stop_seconds: float,
) -> int:
    """Run commands until one of them ends or this process is stopped, then stop all.

    Calls `on_ready` once. Kills a child that does not end within `stop_seconds`. Returns the exit
    code of a child that failed, else 0.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    children = [_start(name) for name in commands]
    ready = False
    while not stop.wait(POLL_SECONDS) and all(child.poll() is None for child in children):
        if not ready and is_ready():
            ready = True
            on_ready()
    failed = [child.returncode for child in children if child.poll()]
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(stop_seconds)
        except subprocess.TimeoutExpired:
            child.kill()
    return failed[0] if failed else 0


def _start(command: str) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only this process."""
    arguments = [sys.executable, str(HOME / "cli.py"), command]
    return subprocess.Popen(arguments, start_new_session=True)  # noqa: S603
