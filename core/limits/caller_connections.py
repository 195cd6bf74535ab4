"""Limits how many connections of the pool a caller uses at once."""

from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from core.errors import TooManyOperations
from core.limits.keyed_semaphore import KeyedSemaphore
from core.limits.semaphores import acquire_within

MAX_CONNECTIONS_PER_CALLER = 2
MAX_WAIT_SECONDS = 10


class Place:
    """A place that a block holds, within that of the block around it, if any."""

    __slots__ = ("_caller", "_held", "_outer")

    def __init__(self, caller: Hashable, outer: "Place | None") -> None:
        self._caller = caller
        self._outer = outer
        self._held = True

    def is_held_by(self, caller: Hashable) -> bool:
        """Return whether it, or one around it, is the caller's, and not released yet.

        Tasks that were started within a block keep its place after it has ended.
        """
        if self._held and self._caller == caller:
            return True
        return self._outer is not None and self._outer.is_held_by(caller)

    def release(self) -> None:
        self._held = False


class CallerConnections:
    """Admits two sessions per caller; the others wait before they take a connection.

    Root fields run concurrently: a request with twenty slow ones took all ten connections of the
    pool, and the requests of other callers waited for them.
    """

    def __init__(self) -> None:
        self._places = KeyedSemaphore(MAX_CONNECTIONS_PER_CALLER)
        self._place: ContextVar[Place | None] = ContextVar("caller_connections", default=None)

    @asynccontextmanager
    async def hold(self, caller: Hashable | None) -> AsyncIterator[None]:
        """Wait for one of the caller's places. None is not limited.

        What runs within the block, tasks started there included, needs no second place. It would
        wait forever if each place were held by a block that waits for another one.

        Raises `TooManyOperations` after 10 seconds.
        """
        outer = self._place.get()
        if caller is None or (outer and outer.is_held_by(caller)):
            yield
            return
        places = self._places.of(caller)
        try:
            await acquire_within(places, MAX_WAIT_SECONDS)
        except TimeoutError as error:
            raise TooManyOperations(1) from error
        place = Place(caller, outer)
        self._place.set(place)
        try:
            yield
        finally:
            place.release()
            # A generator can be closed in another context, in which `reset` would raise.
            if self._place.get() is place:
                self._place.set(outer)
            places.release()
