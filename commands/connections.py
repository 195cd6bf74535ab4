"""Distinguishes servers that cannot be reached from those that refuse these settings.

The first is an outage, in which servers and workers start and wait. The second ends only when a
setting is corrected.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asyncpg.exceptions import InterfaceError, PostgresError
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError
from redis.exceptions import ConnectionError as RedisDisconnected
from redis.exceptions import TimeoutError as RedisTimeout
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import Database
from core.errors import Unavailable
from core.outages import is_outage, sqlstate
from core.redis_timeouts import REDIS_TIMEOUTS
from core.runtime.migrations import lacks_migrations, newest_migration
from core.settings import Settings, SettingsInvalid

UNDEFINED_TABLE = "42P01"


class Unreachable(SettingsInvalid):
    """A server does not answer. The settings may be right."""


@dataclass(frozen=True)
class DatabaseState:
    version: str
    migration: str
    newest: str
    is_replica: bool

    @property
    def is_migrated(self) -> bool:
        return not lacks_migrations(self.migration)


async def read_database_state(session: AsyncSession) -> DatabaseState:
    version = await session.scalar(text("SHOW server_version"))
    replica = await session.scalar(text("SELECT pg_is_in_recovery()"))
    try:
        found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError as error:
        if sqlstate(error) != UNDEFINED_TABLE:
            raise
        found = ""
    return DatabaseState(str(version), str(found or ""), newest_migration(), bool(replica))


@contextmanager
def database_problems(settings: Settings) -> Iterator[None]:
    """Raise `SettingsInvalid` for errors of PostgreSQL, `Unreachable` for outages."""
    url = make_url(settings.libpq_url)
    where = f"{url.host or url.query.get('host') or 'this machine'}, database {url.database!r},"
    try:
        yield
    except (PostgresError, DBAPIError) as error:
        if is_outage(error):
            raise Unreachable(_unreachable(where, error)) from error
        raise SettingsInvalid(
            f"DATABASE_URL: PostgreSQL at {where} refuses: {_reason(error)}. Correct the user, the"
            " password or the name of the database, or the rights of the user."
        ) from error
    except (InterfaceError, ssl.SSLError, TypeError) as error:
        raise SettingsInvalid(
            f"DATABASE_URL: no connection to PostgreSQL at {where} can be made: {_reason(error)}."
            " Correct the URL, such as its sslmode."
        ) from error
    except (OSError, Unavailable) as error:
        raise Unreachable(_unreachable(where, error.__cause__ or error)) from error


def _unreachable(where: str, error: BaseException) -> str:
    return (
        f"DATABASE_URL: PostgreSQL at {where} cannot be reached: {_reason(error)}. Start it, or"
        " correct host and port."
    )


def _reason(error: BaseException) -> str:
    """Return the message of an error in one line, or its class without one."""
    original = getattr(error, "orig", None) or error
    text = str(getattr(original, "__cause__", None) or original) or type(original).__name__
    return " ".join(text.split()).rstrip(".")


async def check_database(settings: Settings) -> DatabaseState:
    """Return what PostgreSQL reports. Raises `SettingsInvalid`, or `Unreachable`."""
    database = Database(settings.sqlalchemy_url, pool=1)
    try:
        with database_problems(settings):
            async with database.session() as session:
                return await read_database_state(session)
    finally:
        await database.close()


@dataclass(frozen=True)
class RedisState:
    version: str
    policy: str


async def check_redis(settings: Settings) -> RedisState:
    """Return what Redis reports. Raises `SettingsInvalid`, or `Unreachable`."""
    redis: Redis = Redis.from_url(settings.redis, **REDIS_TIMEOUTS)
    try:
        info = await redis.info()
    except AuthenticationError as error:
        raise SettingsInvalid(
            f"REDIS_URL: Redis refuses: {_reason(error)}. Correct the user or the password."
        ) from error
    except (RedisDisconnected, RedisTimeout, OSError) as error:
        raise Unreachable(
            f"REDIS_URL: Redis cannot be reached: {_reason(error)}. Start it, or correct host and"
            " port."
        ) from error
    except RedisError as error:
        raise SettingsInvalid(
            f"REDIS_URL: Redis refuses: {_reason(error)}. Correct the URL, or the rights of its"
            " user."
        ) from error
    finally:
        await redis.aclose()
    name = str(info.get("server_name", "redis")).capitalize()
    version = info.get("valkey_version") or info.get("redis_version")
    return RedisState(f"{name} {version}", str(info.get("maxmemory_policy", "unknown")))
