"""The engine, its short sessions, and the two ways to lock a row."""

from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

Selected = TypeVar("Selected", bound=Select[Any])

DATABASE_ERRORS = (SQLAlchemyError, OSError)  # what a query raises, also without a connection
LOCK_TIMEOUT_MS = 2_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000


class Database:
    """One engine per process. `session()` opens a short session that nobody shares."""

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
    """Lock rows that are about to change, and read them afresh.

    FOR NO KEY UPDATE, since plain FOR UPDATE fights the checks of foreign keys.
    Order several rows by id before locking them.
    """
    locked = rows.with_for_update(key_share=True, of=of)
    return locked.execution_options(populate_existing=True)


def for_reliance(rows: Selected, *, of: type | None = None) -> Selected:
    """Lock a parent that must stay as it is until the commit. Many may rely on it at once."""
    locked = rows.with_for_update(read=True, of=of)
    return locked.execution_options(populate_existing=True)


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-character code of what went wrong."""
    return getattr(error.orig, "sqlstate", None)


def constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that refused."""
    return getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
