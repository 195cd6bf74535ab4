"""Outages of PostgreSQL, which differ from its answers, and of Redis."""

from asyncpg.exceptions import InterfaceError, PostgresError
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, EmulatedDBAPIException, SQLAlchemyError, StatementError

from core.circuit_breaker import CircuitOpen
from core.errors import Unavailable

# Errors of asyncpg: answers of PostgreSQL, values that it refuses to send, a closed connection.
DRIVER_ERRORS = (PostgresError, InterfaceError)
# Errors that the use of a session or of a `Statement` raises, also without a connection. Of a
# connection that is opened outside a session, SQLAlchemy raises an error of its driver unwrapped.
DATABASE_ERRORS = (SQLAlchemyError, EmulatedDBAPIException, *DRIVER_ERRORS, OSError, Unavailable)
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
    state = sqlstate(error) or ""
    if state in OUTAGE_STATES or state.startswith(OUTAGE_CLASSES):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated
    if isinstance(error, InterfaceError):  # it has no state, and misuse raises it too
        return "connection is closed" in str(error)
    return isinstance(error, OSError)


def is_refused_value(error: Exception) -> bool:
    """Return whether the values of a statement are refused, so that a retry would fail too."""
    if isinstance(error, (DBAPIError, *DRIVER_ERRORS)):
        # asyncpg refuses values that it cannot encode, before it sends them.
        refused = isinstance(_driver_error(error), ValueError)
        return refused or (sqlstate(error) or "").startswith(VALUE_CLASSES)
    return isinstance(error, StatementError)


def _driver_error(error: Exception) -> BaseException | None:
    """Return asyncpg's error, which SQLAlchemy wraps twice."""
    if isinstance(error, DBAPIError):
        return error.orig.__cause__ if error.orig else None
    return error


def sqlstate(error: Exception) -> str | None:
    """Return PostgreSQL's code of an error of SQLAlchemy or asyncpg. None without one."""
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None)
