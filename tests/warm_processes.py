"""Processes of `haat` that need no time for imports, which take most of the CPU time of a start.

Each process of the tests has a parent (`tests.warm_parent`) that has imported Haat, and nothing
else. A warm process is a fork of it that runs `cli.main` with the arguments, the environment and
the output that a new process would have. It reads its own settings, makes its own connections, and
can be stopped and killed alone.
"""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import Pipe
from multiprocessing.reduction import send_handle
from threading import Lock
from typing import IO, Any

from core.settings import HOME

POLL_SECONDS = 0.02


class WarmProcess:
    """A process with the interface of `subprocess.Popen`."""

    def __init__(self, parent: "Parent", pid: int, name: str) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._parent = parent
        self._name = name
        self._polling = Lock()

    def poll(self) -> int | None:
        with self._polling:  # the exit code is there once
            if self.returncode is None:
                self.returncode = self._parent.ask(self.pid)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises `subprocess.TimeoutExpired`."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if timeout is not None and end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(self._name, timeout)
            time.sleep(POLL_SECONDS)
        return code

    def send_signal(self, number: int) -> None:
        """Do nothing if it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    command: str, environment: Mapping[str, str], output: IO[bytes] | None = None
) -> WarmProcess:
    """Start a `haat` command. Its output, and errors, go where those of this process go, if None.

    Give the whole environment.
    """
    descriptors = [1, 2] if output is None else [output.fileno()] * 2
    pid = parent().ask(([command], dict(environment)), descriptors)
    assert pid is not None
    return WarmProcess(parent(), pid, command)


class Parent:
    """The parent of the warm processes of this process. It ends when this process does."""

    def __init__(self) -> None:
        self._control, theirs = Pipe()
        self._asking = Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.warm_parent", str(theirs.fileno())],
                cwd=HOME,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.pid = self._process.pid
        atexit.register(self.close)

    def ask(self, request: Any, descriptors: Sequence[int] = ()) -> int | None:
        """See `tests.warm_parent.answer_requests`."""
        with self._asking:
            self._control.send(request)
            for descriptor in descriptors:
                send_handle(self._control, descriptor, self._process.pid)
            answer: int | None = self._control.recv()
            return answer

    def close(self) -> None:
        self._control.close()
        self._process.wait()


parent = cache(Parent)
