"""A database with the demo data, which the tests read or copy."""

import pytest

from core.database import JOB_STATEMENT_SECONDS, Database
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from demo.seed import is_empty, seed_database
from gateways.storage.factory import create_storage
from payments_stand_in.terminal import Terminal
from tests import servers


@pytest.fixture(scope="session")
async def demo_data(
    settings: Settings,
    keys: SigningKeys,
    worker_id: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """Return the name of the database. It can be copied while nothing is connected to it."""
    name = f"haat_demo_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    database = Database(
        Settings(database_url=servers.url_of(name)).sqlalchemy_url,
        statement_seconds=JOB_STATEMENT_SECONDS,
    )
    async with database.session() as session:
        assert await is_empty(session)
    objects = create_storage(settings, keys)
    terminal = Terminal(tmp_path_factory.mktemp("stand_in") / "payments.json")
    await seed_database(database, keys, objects, lambda *_: None, terminal)
    async with database.session() as session:
        assert not await is_empty(session)
    await database.close()
    return name
