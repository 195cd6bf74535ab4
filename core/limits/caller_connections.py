"""Limits how many connections of the pool a caller uses at once."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar

from core.errors import TooManyOperations
from core.limits.keyed_semaphore import KeyedSemaphore

MAX_CONNECTIONS_PER_CALLER = 2
MAX_WAIT_SECONDS = 10


class CallerConnections:
    """Admits two sessions per caller; the others wait before they take a connection.

    Root fields run concurrently: a request with twenty slow ones took all ten connections of the
    pool, and the requests of other callers waited for them.
    """

    def __init__(self) -> None:
        self._places = KeyedSemaphore(MAX_CONNECTIONS_PER_CALLER)
        self._held: ContextVar[Hashable | None] = ContextVar("caller_connections", default=None)

    @asynccontextmanager
    async def hold(self, caller: Hashable | None) -> AsyncIterator[None]:
        """Wait for one of the caller's places. None is not limited.

        What runs within the block, tasks started there included, needs no second place. It would
        wait forever if each place were held by a block that waits for another one.

        Raises `TooManyOperations` after 10 seconds.
        """
        if caller is None or self._held.get() == caller:
            yield
            return
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(MAX_WAIT_SECONDS):
                    await stack.enter_async_context(self._places.acquire(caller))
            except TimeoutError as error:
                raise TooManyOperations(1) from error
            token = self._held.set(caller)
            try:
                yield
            finally:
                self._held.reset(token)
