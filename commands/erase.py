"""`haat erase`: accounts that were erased, and exist again after a restore of the database."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from commands.connections import database_problems
from commands.database import NoSignals
from core.database import JOB_STATEMENT_SECONDS, Database
from core.observability import logging
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.storage.factory import create_storage
from jobs.privacy.erasures import Eraser
from services.transaction import Transactions


def replay(settings: Settings) -> Sequence[UUID]:
    """Erase all accounts of the ledger that exist again, and return their ids."""
    logging.configure(json=settings.logs_json)
    with database_problems(settings):
        return asyncio.run(_replay(settings))


async def _replay(settings: Settings) -> Sequence[UUID]:
    database = Database(settings.sqlalchemy_url, pool=2, statement_seconds=JOB_STATEMENT_SECONDS)
    keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
    objects = create_storage(settings, keys)
    await objects.start()
    try:
        eraser = Eraser(Transactions(database, NoSignals()).begin, objects)
        return await eraser.replay()
    finally:
        await objects.stop()
        await database.close()
