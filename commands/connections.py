"""Distinguishes servers that cannot be reached from those that refuse these settings.

The first is an outage, in which servers and workers start and wait. The second ends only when a
setting is corrected.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
from core.redis.timeouts import REDIS_TIMEOUTS
from core.runtime.migrations import lacks_migrations, newest_migration
from core.settings import Settings, SettingsInvalid

UNDEFINED_TABLE = "42P01"
INSUFFICIENT_PRIVILEGE = "42501"
NO_RIGHTS = (
    "DATABASE_URL: its role has no rights on the tables. Run `haat migrate` with this DATABASE_URL,"
    " and with the role that owns them in MIGRATIONS_URL."
)


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
        if sqlstate(error) == INSUFFICIENT_PRIVILEGE:
            raise SettingsInvalid(NO_RIGHTS) from error
        if sqlstate(error) != UNDEFINED_TABLE:
            raise
        found = ""
    return DatabaseState(str(version), str(found or ""), newest_migration(), bool(replica))


@contextmanager
def database_problems(settings: Settings, *, as_owner: bool = False) -> Iterator[None]:
    """Raise `SettingsInvalid` for errors of PostgreSQL, `Unreachable` for outages.

    The sentence names MIGRATIONS_URL if it is set, and the connection is one `as_owner`.
    """
    name = "MIGRATIONS_URL" if as_owner and settings.migrations_url else "DATABASE_URL"
    url = make_url(settings.migrations_sqlalchemy_url if as_owner else settings.sqlalchemy_url)
    host = url.host or url.query.get("host") or "this machine"
    where = f"{name}: PostgreSQL at {host}, database {url.database!r},"
    try:
        yield
    except (PostgresError, DBAPIError) as error:
        if is_outage(error):
            raise Unreachable(_unreachable(where, error)) from error
        raise SettingsInvalid(
            f"{where} refuses: {_reason(error)}. Correct the user, the password or the name of the"
            " database, or the rights of the user."
        ) from error
    except (InterfaceError, ssl.SSLError, TypeError) as error:
        raise SettingsInvalid(
            f"{where} cannot be connected to: {_reason(error)}. Correct the URL, such as its"
            " sslmode."
        ) from error
    except (OSError, Unavailable) as error:
        raise Unreachable(_unreachable(where, error.__cause__ or error)) from error


def _unreachable(where: str, error: BaseException) -> str:
    return f"{where} cannot be reached: {_reason(error)}. Start it, or correct host and port."


def _reason(error: BaseException) -> str:
    """Return the message of an error in one line, or its class without one."""
    original = getattr(error, "orig", None) or error
    text = str(getattr(original, "__cause__", None) or original) or type(original).__name__
    return " ".join(text.split()).rstrip(".")


@asynccontextmanager
async def open_session(
    settings: Settings, *, as_owner: bool = False
) -> AsyncIterator[AsyncSession]:
    """Connect with DATABASE_URL or, `as_owner`, with MIGRATIONS_URL.

    Raises `SettingsInvalid`, or `Unreachable`.
    """
    url = settings.migrations_sqlalchemy_url if as_owner else settings.sqlalchemy_url
    database = Database(url, pool=1)
    try:
        with database_problems(settings, as_owner=as_owner):
            async with database.session() as session:
                yield session
    finally:
        await database.close()


async def analyze_tables(settings: Settings) -> None:
    """Collect the planner's statistics of new rows, as the owner of the tables.

    PostgreSQL skips the tables of other roles with a warning, and its own collection may come a
    minute later: until then a page of offers takes twenty times as long.
    """
    async with open_session(settings, as_owner=True) as session:
        await session.execute(text("ANALYZE"))
        await session.commit()


async def check_database(settings: Settings) -> DatabaseState:
    """Return what PostgreSQL reports. Raises `SettingsInvalid`, or `Unreachable`."""
    async with open_session(settings) as session:
        return await read_database_state(session)


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
