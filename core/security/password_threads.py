"""Threads for passwords, whose hashes and checks take long by design."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from core.errors import CallerGone, TooManyRequests

THREADS = 2
MAX_WAITING = 64  # at 22 ms per hash, the last one waits for 0.7 s
RETRY_SECONDS = 2

Result = TypeVar("Result")
IsGone = Callable[[], Awaitable[bool]]


class PasswordThreads:
    """Runs the work of two passwords at a time, apart from the event loop's default threads.

    A hash takes about 20 ms and 19 MiB. In the default threads, log-ins delayed everything else
    that runs there, and waited for minutes behind each other.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="password")
        self._turns = asyncio.Semaphore(THREADS)
        self._waiting = 0

    async def run(self, work: Callable[[], Result], is_gone: IsGone) -> Result:
        """Return the result of `work`.

        Raises `TooManyRequests` at once if 64 others wait, and `CallerGone` if the caller has
        disconnected when its turn comes: its work would delay those that still wait.
        """
        if self._waiting >= MAX_WAITING:
            raise TooManyRequests(RETRY_SECONDS)
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            if await is_gone():
                raise CallerGone("You are no longer connected. Try again.")
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._turns.release()

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
