"""Signals that are passed on at most once in a time."""

import asyncio
from collections.abc import Callable


class Pace:
    """Passes the first signal on at once, and those of the next `seconds` as one at their end.

    No signal is lost: one that is held back is passed on unless `stop` is called. With 0 seconds,
    each is passed on.
    """

    def __init__(self, seconds: float, on_signal: Callable[[], None]) -> None:
        self._seconds, self._on_signal = seconds, on_signal
        self._timer: asyncio.TimerHandle | None = None
        self._held_back = False

    def signal(self) -> None:
        if self._timer is not None:
            self._held_back = True
            return
        if self._seconds:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self._end)
        self._on_signal()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _end(self) -> None:
        self._timer = None
        if self._held_back:
            self._held_back = False
            self.signal()
