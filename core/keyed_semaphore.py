"""A narrow door before a row that many want at once."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

WIDTH = 4


class KeyedSemaphore:
    """Lets four callers per key through at a time; the others wait outside the database.

    Sixty-four transactions queueing on one row take more of PostgreSQL than the
    work itself does, and each holds a connection that others could use.
    """

    def __init__(self) -> None:
        self._gates: WeakValueDictionary[Hashable, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def acquire(self, key: Hashable | None) -> AsyncIterator[None]:
        """Wait for a place at `key`; None is a field without a gate."""
        if key is None:
            yield
            return
        gate = self._gates.get(key)
        if gate is None:
            gate = self._gates[key] = asyncio.Semaphore(WIDTH)
        async with gate:
            yield
