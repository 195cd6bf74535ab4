"""The database of a command."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlmodel.ext.asyncio.session import AsyncSession

from commands.connections import database_problems
from commands.console import stop
from core.database import JOB_STATEMENT_SECONDS, Database
from core.observability import logging as observability
from core.runtime.migrations import lacks_migrations
from core.settings import Settings
from services.transaction import Transactions

Result = TypeVar("Result")


class NoSignals:
    """Publishes nothing: a command needs no Redis. Servers find its changes within seconds."""

    def publish(self, grown: Mapping[str, int]) -> None:
        pass


def run_in_transaction(
    settings: Settings, act: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    """Run an act in one transaction. Exits with status 2 if the database is not ready.

    Its audit entries are logged to standard error, in the format of the servers. A terminal shows
    only warnings and errors: no collector reads it, and entries would stand between results.
    """
    observability.configure(json=settings.logs_json)
    if sys.stderr.isatty():
        logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("core.database").setLevel(logging.ERROR)  # `stop` states the problem
    with database_problems(settings):
        return asyncio.run(_run(settings, act))


async def _run(settings: Settings, act: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
    database = Database(settings.sqlalchemy_url, pool=2, statement_seconds=JOB_STATEMENT_SECONDS)
    try:
        async with Transactions(database, NoSignals()).begin() as session:
            await _ensure_migrated(session)
            return await act(session)
    finally:
        await database.close()


async def _ensure_migrated(session: AsyncSession) -> None:
    try:
        found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        found = None
    if lacks_migrations(found):
        stop("The database lacks migrations. Run `haat migrate` first.")
