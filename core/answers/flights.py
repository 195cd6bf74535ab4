"""Computations that several requests wait for."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

MAX_FLIGHTS_PER_CALLER = 2

Result = TypeVar("Result")


class Flights(Generic[Result]):
    """Runs one computation for all that ask for the same key at the same time.

    It runs in a task of its own: a request that is cancelled does not end it for the others. A
    caller starts at most two at once, because each may take connections of its own.
    """

    def __init__(self) -> None:
        self._running: dict[bytes, asyncio.Task[Result]] = {}
        self._started: Counter[Hashable] = Counter()

    def join(
        self, key: bytes, caller: Hashable, compute: Callable[[], Coroutine[Any, Any, Result]]
    ) -> Awaitable[Result] | None:
        """Return the result to wait for. None if the caller has started too many others."""
        task = self._running.get(key)
        if task is None:
            if self._started[caller] >= MAX_FLIGHTS_PER_CALLER:
                return None
            task = self._start(key, caller, compute())
        return asyncio.shield(task)

    def is_running(self, key: bytes) -> bool:
        return key in self._running

    async def stop(self) -> None:
        """Cancel what is running."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(
        self, key: bytes, caller: Hashable, computing: Coroutine[Any, Any, Result]
    ) -> asyncio.Task[Result]:
        task = self._running[key] = asyncio.create_task(computing)
        self._started[caller] += 1

        def end(done: asyncio.Task[Result]) -> None:
            del self._running[key]
            self._started[caller] -= 1
            if not self._started[caller]:
                del self._started[caller]
            if not done.cancelled():
                done.exception()  # those that wait raise it; without any, it is not logged

        task.add_done_callback(end)
        return task
