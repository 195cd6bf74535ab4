"""Standard error, where lines that can wait are written together."""

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from select import PIPE_BUF
from typing import TextIO

FLUSH_SECONDS = 0.1
MAX_PENDING = 1_000


class BatchedStream:
    """A text stream. What is written with `write` is written at once, after what waits.

    A thread writes the lines that wait, 100 ms after the first of them, also while the event loop
    is busy. If there are 1,000, the caller writes them itself, so that a reader that is too slow
    slows the server down instead of filling its memory. `logging` flushes at a normal end of the
    process; if it is killed, the lines of the last interval are lost.
    """

    def __init__(self) -> None:
        self._target: TextIO | None = None
        self._pending: deque[str] = deque()
        self._writing = threading.Lock()
        self._has_pending = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, target: TextIO) -> None:
        """Write to `target` from now on. What waits is lost if the last target is closed."""
        with suppress(OSError, ValueError):
            self.flush()
        self._target = target

    def write_later(self, line: str) -> None:
        """Write a line, which ends with a line break, within 100 ms."""
        self._pending.append(line)
        if len(self._pending) >= MAX_PENDING:
            self.flush()
        elif not self._has_pending.is_set():
            self._has_pending.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()

    def write(self, text: str) -> None:
        self._write(text)

    def flush(self) -> None:
        """Write what waits."""
        self._write("")

    def _write(self, text: str) -> None:
        with self._writing:
            waiting = [self._pending.popleft() for _ in range(len(self._pending))]
            if self._target is not None:
                for chunk in _chunks((*waiting, text)):
                    self._target.write(chunk)
                    self._target.flush()

    def _run(self) -> None:
        while True:
            self._has_pending.wait()
            time.sleep(FLUSH_SECONDS)
            self._has_pending.clear()
            with suppress(OSError, ValueError):  # the stream is closed, and there is no other one
                self.flush()


def _chunks(lines: Iterable[str]) -> Iterator[str]:
    """Yield whole lines together, as many as a pipe takes in one piece.

    The processes of a server share standard error. A longer write can be mixed with another one.
    """
    chunk, size = "", 0
    for line in lines:
        length = len(line.encode(errors="replace"))
        if chunk and size + length > PIPE_BUF:
            yield chunk
            chunk, size = "", 0
        chunk += line
        size += length
    if chunk:
        yield chunk
