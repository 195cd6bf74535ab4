"""Limits concurrency per key, so that a hot row does not tie up the connection pool."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

MAX_CONCURRENT = 4


class KeyedSemaphore:
    """Admits a few callers per key, and lets the others wait before they take a connection.

    64 transactions that queue for one row cost PostgreSQL more than the work itself, and each
    holds a connection that other requests could use.
    """

    def __init__(self, places: int = MAX_CONCURRENT) -> None:
        self._places = places
        self._semaphores: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def acquire(self, *keys: Hashable | None) -> AsyncIterator[None]:
        """Wait for one of the places of each key, in the order of the keys. None is not limited.

        Callers that need several must give them in the same order, or they wait for each other.
        """
        async with AsyncExitStack() as held:
            for key in keys:
                if key is not None:
                    await held.enter_async_context(self.of(key))
            yield

    def of(self, key: Hashable) -> asyncio.Semaphore:
        """Return the semaphore of `key`. It is kept as long as it is used."""
        semaphore = self._semaphores.get(key)
        if semaphore is None:
            semaphore = self._semaphores[key] = asyncio.Semaphore(self._places)
        return semaphore
