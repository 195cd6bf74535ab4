"""A server that runs only the documents of the guide for Flutter, by their hash."""

import json
from collections.abc import AsyncIterator

import pytest

from core.database import Database
from core.documents.trusted_documents import sha256
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from tests import servers
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.flutter.app import App
from tests.flutter.guide import document, operations, strings
from tests.processes import free_port, running, wait_until_ready


@pytest.fixture(scope="session")
async def app(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    folder, name = tmp_path_factory.mktemp("haat-flutter"), f"haat_flutter_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    keys = SigningKeys.generate()
    keys.save(folder / "keys.json", NOT_ENCRYPTED)
    texts = {one: document(one, typename=True) for one in operations()}
    texts["RefreshSession"] = strings()[0]
    trusted = folder / "trusted.json"
    trusted.write_text(json.dumps({sha256(text): text for text in texts.values()}))
    environment = {
        "DATABASE_URL": servers.url_of(name),
        "REDIS_URL": servers.new_redis_url(),
        "KEYS_FILE": str(folder / "keys.json"),
        "OUTBOX": str(folder / "outbox"),
        "OBJECTS_FOLDER": str(folder / "objects"),
        "TRUSTED_DOCUMENTS": str(trusted),
        "PORT": str(free_port()),
        "ANONYMOUS_POINTS": "1000000",
    }
    url = f"http://127.0.0.1:{environment['PORT']}"
    database = Database(Settings(database_url=servers.url_of(name)).sqlalchemy_url, pool=2)
    with running("serve", **environment):
        wait_until_ready(url)
        yield App(url, texts, World(database, keys))
    await database.close()


@pytest.fixture
async def till(app: App) -> Till:
    return await Till.open(app.world)


@pytest.fixture
async def phone(app: App, till: Till) -> App:
    """Return the customer's app, signed in."""
    return await app.another().sign_in(till.customer)


@pytest.fixture
async def scanner(app: App, till: Till) -> App:
    return await app.another().sign_in(till.scanner)
