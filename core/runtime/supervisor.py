"""Runs several commands of this program as one unit."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic

import structlog

from core.settings import HOME

POLL_SECONDS = 0.3
RESTART_SECONDS = 5.0

log = structlog.get_logger(__name__)


def run_together(
    command: str,
    restarted: tuple[str, ...],
    *,
    is_ready: Callable[[], bool],
    on_ready: Callable[[], None],
    stop_seconds: float,
) -> int:
    """Run a command until it ends or this process is stopped, and others beside it.

    A command may have arguments without spaces.

    The others are `restarted` if they end, so that the end of one does not end everything. Calls
    `on_ready` once. Kills a child that does not end within `stop_seconds`. Returns the exit code of
    the command if it ended by itself, else 0.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    main, others = _start(command), [Restarted(name) for name in restarted]
    ready = False
    while not stop.wait(POLL_SECONDS) and main.poll() is None:
        if not ready and is_ready():
            ready = True
            on_ready()
        for other in others:
            other.restart_if_ended()
    code = main.poll() or 0
    _stop([main, *(other.process for other in others)], stop_seconds)
    return code


class Restarted:
    """A child that is started again, five seconds after it has ended."""

    def __init__(self, command: str) -> None:
        self.process = _start(command)
        self._command = command
        self._ended_at: float | None = None

    def restart_if_ended(self) -> None:
        if (code := self.process.poll()) is None:
            return
        if self._ended_at is None:
            self._ended_at = monotonic()
            log.warning("supervisor.child_ended", command=self._command, code=code)
        if monotonic() - self._ended_at >= RESTART_SECONDS:
            self.process, self._ended_at = _start(self._command), None


def _stop(children: list[subprocess.Popen[bytes]], seconds: float) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()


def _start(command: str) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only this process."""
    arguments = [sys.executable, str(HOME / "cli.py"), *command.split()]
    return subprocess.Popen(arguments, start_new_session=True)  # noqa: S603 - our own command
