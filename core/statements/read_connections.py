"""Connections that only read: no transactions, no sessions, statements prepared on each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

import asyncpg
import structlog

from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.errors import Unavailable
from core.limits.semaphores import acquire_within
from core.outages import DRIVER_ERRORS, DatabaseUnavailable, is_outage
from core.statements.codecs import set_codecs
from core.statements.statement import Statement

Result = TypeVar("Result")

CLOSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class ReadConnections:
    """A pool of at most `size` connections, each for one statement at a time, in autocommit.

    Each wait has a deadline: `wait_seconds` for a free connection; `connect` has those for
    connecting and for a statement. A statement costs one round trip, with a session it is three:
    BEGIN, the statement, ROLLBACK. asyncpg's own pool resets connections and starts a task for
    each release, and closes the prepared statements of its callers.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncpg.Connection]],
        size: int,
        breaker: CircuitBreaker,
        *,
        wait_seconds: float,
    ) -> None:
        self._connect = connect
        self._places = asyncio.Semaphore(size)
        self._breaker = breaker
        self._wait_seconds = wait_seconds
        self._idle: list[asyncpg.Connection] = []
        self._closed = False

    async def fetch(self, statement: Statement[Result], values: Mapping[str, Any]) -> list[Result]:
        """Return the rows of a statement. Raises `Unavailable` for an outage, as sessions do."""
        arguments = statement.arguments(values)
        try:
            async with self._breaker:
                return await self._fetch(statement, arguments)
        except CircuitOpen as error:
            raise Unavailable from error

    async def close(self) -> None:
        """Close idle connections, and those in use once they are released."""
        self._closed = True
        while self._idle:
            connection = self._idle.pop()
            with suppress(OSError, *DRIVER_ERRORS):
                await connection.close(timeout=CLOSE_SECONDS)

    async def _fetch(self, statement: Statement[Result], arguments: list[Any]) -> list[Result]:
        await self._wait_for_place()
        connection = None
        try:
            connection = await self._take()
            rows = await statement.fetch_with(connection, arguments)
        except (*DRIVER_ERRORS, OSError) as error:
            lost = connection is not None and connection.is_closed()
            if not (lost or is_outage(error)):
                self._keep(connection)
                raise
            _terminate(connection)
            log.warning("database.unavailable", error=repr(error))
            raise DatabaseUnavailable from error
        except BaseException:
            # A cancelled statement still runs, and its cancellation could hit the next one.
            _terminate(connection)
            raise
        else:
            self._keep(connection)
            return rows
        finally:
            self._places.release()

    async def _wait_for_place(self) -> None:
        try:
            await acquire_within(self._places, self._wait_seconds)
        except TimeoutError as error:  # no outage, as far as is known
            log.warning("database.pool_exhausted")
            raise Unavailable from error

    async def _take(self) -> asyncpg.Connection:
        """Return the connection that was used last, or a new one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():  # such as by a restart of PostgreSQL
                return connection
        return await self._connect()

    def _keep(self, connection: asyncpg.Connection | None) -> None:
        if connection is None or self._closed:
            _terminate(connection)
        else:
            self._idle.append(connection)


def connector(
    options: Mapping[str, Any], server_settings: Mapping[str, str]
) -> Callable[[], Awaitable[asyncpg.Connection]]:
    """Return a function that opens a connection whose statements have generic plans.

    To plan a list with its joins took 0.46 ms and to run it 0.13, and with `auto` PostgreSQL
    planned it at each execution. What a plan depends on, such as states, is part of the text.
    """

    async def connect() -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            **options,
            server_settings={**server_settings, "plan_cache_mode": "force_generic_plan"},
        )
        try:
            await set_codecs(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    return connect


def _terminate(connection: asyncpg.Connection | None) -> None:
    if connection is not None:
        connection.terminate()
