"""Outages of PostgreSQL, which differ from its answers, and of Redis."""

from asyncpg.exceptions import PostgresError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from core.circuit_breaker import CircuitOpen
from core.errors import Unavailable

# Errors that the use of a session raises, also without a connection.
DATABASE_ERRORS = (SQLAlchemyError, OSError, Unavailable)
# Errors that the use of a Redis client raises, also without a connection.
REDIS_ERRORS = (RedisError, OSError, CircuitOpen)  # OSError includes TimeoutError

# PostgreSQL, Appendix A. Connection exceptions and insufficient resources; then by state: the
# server stops, starts, or ended the session; or it is a replica, as after a failover.
OUTAGE_CLASSES = ("08", "53")
VALUE_CLASSES = ("22", "23")  # data exceptions and violated constraints
OUTAGE_STATES = {"57P01", "57P02", "57P03", "57P05", "25P03", "25006"}


class DatabaseUnavailable(Unavailable):
    """PostgreSQL cannot be reached, or did not answer before the client's deadline."""


def is_outage(error: Exception) -> bool:
    """Return whether PostgreSQL has not answered. `TimeoutError` is an `OSError`."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, DBAPIError | PostgresError):
        state = sqlstate(error) or ""
        return state in OUTAGE_STATES or state.startswith(OUTAGE_CLASSES)
    return isinstance(error, OSError)


def is_refused_value(error: Exception) -> bool:
    """Return whether the values of a statement are refused, so that a retry would fail too."""
    if isinstance(error, DBAPIError):
        state = sqlstate(error) or ""
        # asyncpg refuses values that it cannot encode, before it sends them.
        return state.startswith(VALUE_CLASSES) or isinstance(_cause(error), ValueError)
    return isinstance(error, StatementError)


def _cause(error: DBAPIError) -> BaseException | None:
    return error.orig.__cause__ if error.orig else None


def sqlstate(error: DBAPIError | PostgresError) -> str | None:
    """Return the code of an error, also of one that SQLAlchemy has not wrapped."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)
