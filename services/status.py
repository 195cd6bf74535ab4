"""The server's status, for `/ready` and the start page."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from core.clock import now
from core.database import Database
from core.outages import DATABASE_ERRORS, REDIS_ERRORS
from core.redis.client import RedisClient
from core.runtime.migrations import lacks_migrations

WORKER_TIMEOUT = timedelta(seconds=30)


@dataclass(frozen=True)
class Check:
    """The result of checking a dependency. The server works without those not `needed`."""

    name: str
    detail: str
    ok: bool
    needed: bool = True


class ServerStatus:
    """Checks the database, Redis and the workers on each call."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self._database = database
        self._redis = RedisClient(redis_url, "status")

    async def checks(self) -> list[Check]:
        return [*await self._database_checks(), await self._redis_check()]

    async def _database_checks(self) -> list[Check]:
        try:
            async with self._database.session() as session:
                version = await session.scalar(text("SHOW server_version"))
                found = await session.scalar(text("SELECT version_num FROM alembic_version"))
                beat = await session.scalar(
                    text("SELECT max(last_heartbeat) FROM procrastinate_workers")
                )
        except DATABASE_ERRORS as error:
            return [Check("PostgreSQL", type(error).__name__, ok=False)]
        working = beat is not None and now() - beat < WORKER_TIMEOUT
        return [
            Check("PostgreSQL", str(version), ok=True),
            Check("Migrations", f"at {found}", ok=not lacks_migrations(found)),
            Check("Job worker", "running" if working else "not running", ok=working, needed=False),
        ]

    async def _redis_check(self) -> Check:
        try:
            info = await self._redis.info("server")
        except REDIS_ERRORS as error:
            return Check("Redis", type(error).__name__, ok=False, needed=False)
        name = info.get("server_name", "redis").capitalize()
        version = info.get("valkey_version") or info.get("redis_version")
        return Check("Redis", f"{name} {version}", ok=True, needed=False)

    async def close(self) -> None:
        await self._redis.aclose()
