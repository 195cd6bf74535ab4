"""The demo town is as sound as one that people have made."""

from core.database import Database
from core.settings import Settings
from core.signing_keys import SigningKeys
from demo.town import is_empty, plant
from tests import servers
from tests.invariants import check_invariants


async def test_town_is_planted_whole_and_sound(keys: SigningKeys, worker_id: str) -> None:
    name = f"haat_demo_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    database = Database(Settings(database_url=servers.url_of(name)).sqlalchemy_url)
    async with database.session() as session:
        assert await is_empty(session)
    await plant(database, keys, lambda *_: None)
    async with database.session() as session:
        assert not await is_empty(session)
    await check_invariants(database)
    await database.close()
