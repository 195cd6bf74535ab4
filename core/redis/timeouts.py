"""Timeouts of the Redis clients that requests wait for."""

import asyncio
from collections.abc import Awaitable
from time import monotonic
from typing import Any, TypeVar

Reply = TypeVar("Reply")

# All these clients work without Redis, so a Redis that hangs may delay a request only briefly.
REDIS_TIMEOUT_SECONDS = 0.5
REDIS_TIMEOUTS: dict[str, Any] = {
    "socket_timeout": REDIS_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
}
REQUEST_WAIT_SECONDS = 0.1
MAX_TIMER_DELAY_SECONDS = 0.005


class RedisAllowance:
    """The time that one request may wait for the limits in Redis, 100 ms in total."""

    __slots__ = ("_remaining",)

    def __init__(self) -> None:
        self._remaining = REQUEST_WAIT_SECONDS

    @property
    def spent(self) -> bool:
        return self._remaining <= 0

    async def spend(self, asking: Awaitable[Reply]) -> Reply:
        """Return the reply. Raises `TimeoutError` if it takes longer than what remains.

        If the event loop was busy with other requests, the timer is late, and a reply may be there
        already: the task then gets as much time again as the timer was late, which
        `asyncio.timeout` would not give it.
        """
        started, task = monotonic(), asyncio.ensure_future(asking)
        try:
            await asyncio.wait([task], timeout=self._remaining)
            late = monotonic() - started - self._remaining
            if not task.done() and late > MAX_TIMER_DELAY_SECONDS:
                await asyncio.wait([task], timeout=late)
            if not task.done():
                raise TimeoutError("Redis does not answer")
            return task.result()
        finally:
            task.cancel()
            self._remaining -= monotonic() - started
