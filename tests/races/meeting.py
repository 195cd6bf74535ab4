"""Points at which callers meet, so that a control shows its race each time and not by chance.

Without a guard, callers who happen to run one after another do no harm. A control has to make sure
that one has read before another one writes: at a point of the code (`Meeting`, `Overtaking`), or at
a lock of PostgreSQL (`held`) if there is none, as within one statement or in another process.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from sqlalchemy import text

from core.database import Database

P = ParamSpec("P")
R = TypeVar("R")

MAX_WAIT_SECONDS = 8.0  # less than a session may be idle in a transaction
POLL_SECONDS = 0.005
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class Meeting:
    """A point that the first callers leave together. Those who come later pass.

    Callers who reach the point several times meet there in each of the `rounds`.
    """

    def __init__(self, callers: int = 2, *, rounds: int = 1) -> None:
        self._barrier = asyncio.Barrier(callers)
        self._places = callers * rounds

    async def arrive(self) -> None:
        """Wait for the others. Raises `TimeoutError` if they do not come."""
        if self._places:
            self._places -= 1
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._barrier.wait()

    def before(self, call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """Return a function whose callers arrive here before they call another one."""

        async def called(*args: P.args, **given: P.kwargs) -> R:
            await self.arrive()
            return await call(*args, **given)

        return called

    def after(self, call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """Return a function whose callers arrive here after they have called another one."""

        async def called(*args: P.args, **given: P.kwargs) -> R:
            result = await call(*args, **given)
            await self.arrive()
            return result

        return called


class Overtaking:
    """A point that the first caller leaves once another call has ended. Others pass.

    For writes that would wait for each other in a circle if they began together.
    """

    def __init__(self) -> None:
        self._reached, self._overtaken = asyncio.Event(), asyncio.Event()

    def after(self, call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        """Return a function whose first caller is overtaken after it has called another one."""

        async def called(*args: P.args, **given: P.kwargs) -> R:
            result = await call(*args, **given)
            if not self._reached.is_set():
                self._reached.set()
                async with asyncio.timeout(MAX_WAIT_SECONDS):
                    await self._overtaken.wait()
            return result

        return called

    async def run(self, slow: Awaitable[R], fast: Awaitable[R]) -> list[R]:
        """Run a call up to the point, then another one to its end, and then the rest of the first.

        Returns the results of both.
        """
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(_result_of(slow))
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                await self._reached.wait()
            other = await fast
            self._overtaken.set()
        return [waiting.result(), other]


async def _result_of(call: Awaitable[R]) -> R:
    return await call


@asynccontextmanager
async def held(database: Database, lock: str, *, waiting: int = 2) -> AsyncIterator[None]:
    """Run a statement that locks rows, and keep the locks until as many others wait for a lock.

    They have read by then, and go on together. Raises `TimeoutError` if they do not come.
    """
    locked = asyncio.Event()

    async def hold() -> None:
        async with database.session() as session, session.begin():
            await session.execute(text(lock))
            locked.set()
            async with asyncio.timeout(MAX_WAIT_SECONDS):
                while await waiting_for_locks(database) < waiting:  # noqa: ASYNC110 - nothing signals
                    await asyncio.sleep(POLL_SECONDS)

    async with asyncio.TaskGroup() as group:
        group.create_task(hold())
        await locked.wait()
        yield


async def waiting_for_locks(database: Database) -> int:
    """Return how many statements wait for a lock of another transaction."""
    async with database.session() as session:
        return int((await session.execute(WAITING)).scalar_one())


async def waits_or_ends(database: Database, task: asyncio.Task[R]) -> None:
    """Return once a task waits for a lock, or has ended. Raises `TimeoutError` if it does not."""
    async with asyncio.timeout(MAX_WAIT_SECONDS):
        while not (task.done() or await waiting_for_locks(database)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(POLL_SECONDS)
