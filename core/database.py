"""The engine, its sessions, and the SQL that every domain needs."""

from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

Selected = TypeVar("Selected", bound=Select[Any])
Table = TypeVar("Table", bound=SQLModel)

DATABASE_ERRORS = (SQLAlchemyError, OSError)  # what a query raises, also without a connection
LOCK_TIMEOUT_MS = 2_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000


class Database:
    """One engine for a process. `session()` opens a short session."""

    def __init__(self, url: str, pool: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=10,
            connect_args={
                "server_settings": {
                    "application_name": "haat",
                    "timezone": "UTC",
                    "jit": "off",
                    "pg_trgm.word_similarity_threshold": "0.4",
                    "lock_timeout": str(LOCK_TIMEOUT_MS),
                    "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_TIMEOUT_MS),
                }
            },
        )
        self.session = async_sessionmaker(self.engine, class_=AsyncSession, expire_on_commit=False)

    async def close(self) -> None:
        await self.engine.dispose()


def for_change(rows: Selected, *, of: type | None = None) -> Selected:
    """Lock rows that are about to change, and read their current values.

    FOR NO KEY UPDATE, because plain FOR UPDATE also blocks the foreign key checks of rows that
    refer to these. Several rows must be ordered by id, or two transactions can deadlock.
    """
    locked = rows.with_for_update(key_share=True, of=of)
    return locked.execution_options(populate_existing=True)


def for_reliance(rows: Selected, *, of: type | None = None) -> Selected:
    """Lock a parent that must not change until the commit. The lock is shared."""
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
    """Add to a counter in one statement. Inserts the row if there is none."""
    column = cast("InstrumentedAttribute[int]", counter)
    row = insert(column.class_).values({**key, column.key: by})
    await session.execute(
        row.on_conflict_do_update(index_elements=list(key), set_={column.key: column + by})
    )


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


def sqlstate(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def constraint(error: DBAPIError) -> str | None:
    return getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
