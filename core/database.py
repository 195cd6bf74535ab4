"""The engine, its sessions, and the SQL that every domain needs."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import (
    ColumnElement,
    ExceptionContext,
    PoolProxiedConnection,
    Select,
    event,
    literal,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core import jsonb
from core.circuit_breaker import CircuitBreaker, CircuitOpen
from core.errors import Unavailable
from core.outages import DATABASE_ERRORS, DRIVER_ERRORS, DatabaseUnavailable, is_outage
from core.statements.read_connections import ReadConnections, connector
from core.statements.shared_reads import SharedReads
from core.statements.units import BEGIN

OpenSession = Callable[[], AbstractAsyncContextManager[AsyncSession]]
Selected = TypeVar("Selected", bound=Select[*tuple[Any, ...]])
Table = TypeVar("Table", bound=SQLModel)

POOL_SECONDS = 3.0  # for a free connection
CONNECT_SECONDS = 2.0
STATEMENT_SECONDS = 2
JOB_STATEMENT_SECONDS = 30  # of jobs, the demo data and benchmarks, which no caller waits for
# A PostgreSQL that works cancels a statement itself. One that hangs is waited for a little longer.
REPLY_SECONDS = 1
BREAK_SECONDS = 1.0
MAX_PREPARED_STATEMENTS = 200  # of one connection; the least recently used is closed
LOCK_TIMEOUT_MS = 1_500  # less than STATEMENT_SECONDS, or a wait for a lock would never end by it
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000

log = structlog.get_logger(__name__)


class Database:
    """One engine for a process. `session()` opens a short session, `reads` sends statements.

    `shared` sends one statement for many callers at once.

    Each wait for PostgreSQL has a deadline: for a free connection of the pool, for connecting, and
    for a statement. `statement_seconds` is the deadline of a statement. `pool` is the size of the
    sessions' pool, `read_pool` that of `reads`; connections are opened when they are needed.
    Without `prepared_statements`, which a PgBouncer in transaction mode may lack, each statement is
    parsed and planned when it is sent.
    """

    def __init__(
        self,
        url: str,
        pool: int = 10,
        *,
        read_pool: int = 10,
        statement_seconds: int = STATEMENT_SECONDS,
        prepared_statements: bool = True,
    ) -> None:
        options = {
            "timeout": CONNECT_SECONDS,
            "command_timeout": statement_seconds + REPLY_SECONDS,
            "statement_cache_size": MAX_PREPARED_STATEMENTS if prepared_statements else 0,
            "max_cached_statement_lifetime": 0,
            "max_cacheable_statement_size": 0,
        }
        server_settings = _server_settings(statement_seconds)
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            hide_parameters=True,  # errors are logged, and parameters are private
            json_serializer=jsonb.encode,
            json_deserializer=jsonb.decode,
            pool_timeout=POOL_SECONDS,
            pool_use_lifo=True,  # the connection used last has the statements prepared
            connect_args={**options, "server_settings": server_settings}
            | ({} if prepared_statements else {"prepared_statement_cache_size": 0}),
        )
        event.listen(self.engine.sync_engine, "handle_error", _drop_hanging_connection)
        self._sessions = async_sessionmaker(
            self.engine, class_=AsyncSession, expire_on_commit=False
        )
        self._breaker = CircuitBreaker(
            "postgresql",
            DatabaseUnavailable,
            answers=(DBAPIError, *DRIVER_ERRORS),
            open_seconds=BREAK_SECONDS,
        )
        _, address = self.engine.dialect.create_connect_args(self.engine.url)
        self.reads = ReadConnections(
            connector({**address, **options}, server_settings),
            read_pool,
            self._breaker,
            wait_seconds=POOL_SECONDS,
        )
        self.shared = SharedReads(self.reads)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a session. Raises `Unavailable` for an outage of PostgreSQL.

        After three outages in a row it is raised at once, and one session a second tries, so that
        requests do not wait one after another for a PostgreSQL that hangs.
        """
        try:
            async with self._breaker, self._open() as session:
                yield session
        except CircuitOpen as error:
            raise Unavailable from error

    @asynccontextmanager
    async def prepared_transaction(
        self, *, begun: bool = True
    ) -> AsyncIterator[asyncpg.Connection]:
        """Open a transaction for prepared statements alone, and commit it at the end.

        Each statement checks its constraints, also those that a session checks at its end. Without
        `begun`, statements are committed one by one until the caller sends `BEGIN`. Raises
        `Unavailable` as `session` does.
        """
        try:
            async with self._breaker, _outages_known():
                pooled = await self.engine.raw_connection()
                try:
                    async with _committed(pooled.driver_connection, begun=begun) as connection:
                        yield connection
                finally:
                    _give_back(pooled)
        except CircuitOpen as error:
            raise Unavailable from error

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[AsyncSession]:
        async with _outages_known(), self._sessions() as session:
            yield session

    async def close(self) -> None:
        await self.reads.close()
        await self.engine.dispose()


def _server_settings(statement_seconds: int) -> dict[str, str]:
    return {
        "application_name": "haat",
        "timezone": "UTC",
        "jit": "off",
        # A parallel query would use three processors for one caller's connection.
        "max_parallel_workers_per_gather": "0",
        "pg_trgm.strict_word_similarity_threshold": "0.45",
        "statement_timeout": str(statement_seconds * 1000),
        "lock_timeout": str(LOCK_TIMEOUT_MS),
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
    }


@asynccontextmanager
async def _outages_known() -> AsyncIterator[None]:
    """Raise `Unavailable` for an outage, and for a pool without a free connection."""
    try:
        yield
    except PoolTimeout as error:  # all connections are in use: no outage, as far as is known
        log.warning("database.pool_exhausted")
        raise Unavailable from error
    except DATABASE_ERRORS as error:
        if not is_outage(error):
            raise
        log.warning("database.unavailable", error=repr(error))
        raise DatabaseUnavailable from error


@asynccontextmanager
async def _committed(connection: Any, *, begun: bool) -> AsyncIterator[asyncpg.Connection]:
    """Begin a transaction, or let the block do it, and commit it at the end.

    A connection that may still be at work on a statement is closed.
    """
    try:
        if begun:
            await connection.execute(BEGIN)
        yield connection
        if connection.is_in_transaction():
            await connection.execute("COMMIT")
    except BaseException as error:
        if not isinstance(error, Exception) or isinstance(error, TimeoutError):
            connection.terminate()
        elif not connection.is_closed() and connection.is_in_transaction():
            await connection.execute("ROLLBACK")
        raise


def _give_back(pooled: PoolProxiedConnection) -> None:
    """Return a connection to its pool, which replaces one that is closed or in a transaction.

    No rollback is sent for it, so this waits for nothing.
    """
    connection: Any = pooled.driver_connection
    if connection.is_closed() or connection.is_in_transaction():
        pooled.invalidate()
    pooled.close()


def _drop_hanging_connection(context: ExceptionContext) -> None:
    """Close a connection whose statement got no answer in time.

    SQLAlchemy would first wait for it to close in good order: 5.0 instead of 3.0 seconds in all.
    """
    if isinstance(context.original_exception, TimeoutError) and context.connection:
        context.is_disconnect = True
        driver: Any = context.connection.connection.driver_connection
        driver.terminate()


def for_change(
    rows: Selected, *, of: type | Sequence[type] | None = None, skip_locked: bool = False
) -> Selected:
    """Lock rows that are about to change, and read their current values.

    FOR NO KEY UPDATE, because plain FOR UPDATE also blocks the foreign key checks of rows that
    refer to these. Several rows must be ordered by id, or two transactions can deadlock. Those of
    several tables are locked in the order of `of`.
    """
    locked = rows.with_for_update(key_share=True, of=of, skip_locked=skip_locked)
    return locked.execution_options(populate_existing=True)


def for_reliance(rows: Selected, *, of: type | Sequence[type] | None = None) -> Selected:
    """Lock a parent that must not change until the commit. The lock is shared.

    Of several tables in `of`, the rows are locked in their order.
    """
    locked = rows.with_for_update(read=True, of=of)
    return locked.execution_options(populate_existing=True)


async def lock_or_create(session: AsyncSession, table: type[Table], **key: UUID) -> Table:
    """Lock the row with this unique key, and insert it if there is none.

    A concurrent insert is waited for, so both get the same row.
    """
    row = insert(table).values(table(**key).model_dump())
    await session.execute(row.on_conflict_do_nothing())
    rows = select(table).filter_by(**key)
    return (await session.exec(for_change(rows))).one()


async def increment(session: AsyncSession, counter: Mapped[int], by: int = 1, **key: UUID) -> None:
    await session.execute(incremented(counter, by, **key))


def incremented(counter: Mapped[int], by: int = 1, **key: Any) -> Insert:
    """Return the statement that adds to a counter, and inserts the row if there is none."""
    column = cast("InstrumentedAttribute[int]", counter)
    row = insert(column.class_).values({**key, column.key: by})
    return row.on_conflict_do_update(index_elements=list(key), set_={column.key: column + by})


def exists_in(
    table: type[SQLModel], *conditions: ColumnElement[bool] | bool
) -> ColumnElement[bool]:
    """Return EXISTS over a table, correlated with all enclosing statements.

    SQLAlchemy auto-correlates only with the directly enclosing SELECT. Nested deeper, an outer
    column would be added to this subquery's FROM: in a check of many users with `unnest()`, one
    authorized user would authorize the whole batch. Regression test:
    tests/services/test_subscription_access.py.
    """
    found = select(literal(1)).select_from(table).where(*conditions)
    return found.correlate_except(table).exists()


def constraint(error: Exception) -> str | None:
    """Return the constraint that an error of SQLAlchemy or asyncpg names. None without one."""
    if isinstance(error, DBAPIError) and error.orig:
        return getattr(error.orig.__cause__, "constraint_name", None)
    return getattr(error, "constraint_name", None)
