"""Real servers, a database for each pytest worker, and commits that are real and swept away."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import strawberry
from graphql import GraphQLSchema
from starlette.applications import Starlette
from xdist.scheduler import LoadScopeScheduling

import core.database
from app import create_app, create_schema
from core.database import JOB_STATEMENT_SECONDS, Database
from core.redis import timeouts as redis_timeouts
from core.runtime.embedded import as_role
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from engine.strawberry_internals import graphql_schema
from services.audit.recorder import AuditRecorder
from tests import servers
from tests.apps import endpoint_of
from tests.client import Client
from tests.empty_tables import empty_tables
from tests.factories.world import World
from tests.network_limits import NOT_REACHED
from tests.scheduling import FolderScheduling

os.environ["ENVIRONMENT"] = "development"  # production is the default; its tests override this
# Tests see their own writes at once. tests/web/public_answers has answers that are kept.
os.environ["PUBLIC_ANSWER_SECONDS"] = "0"
TESTS = Path(__file__).parent
# They test the product as a whole, so the inner loop of a domain leaves them out.
WHOLE_PRODUCT = ("browser", "clients", "hostile", "soak")
SERVERS = pytest.StashKey[ExitStack]()

# A busy machine makes any example slow.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")
# On a busy machine Redis may answer late, and the limits of the process are lower.
redis_timeouts.REQUEST_WAIT_SECONDS = 5.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--domain", help="run the tests that have this word in their path, such as chat"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Skip files that do not belong to the domain, before they are imported."""
    domain = config.getoption("domain")
    if not domain or collection_path.is_dir():
        return None
    first, *rest = collection_path.relative_to(TESTS).with_suffix("").parts
    words = {word for part in rest for word in part.split("_")}
    return True if first in WHOLE_PRODUCT or domain not in words else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return FolderScheduling(config, log)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.stash[SERVERS] = ExitStack()
        servers.start(config.stash[SERVERS])


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVERS in config.stash:
        config.stash[SERVERS].close()


@pytest.fixture(scope="session")
async def database_url(worker_id: str) -> str:
    name = f"haat_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    return servers.url_of(name)


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("haat")
    SigningKeys.generate().save(folder / "keys.json", NOT_ENCRYPTED)
    return Settings(
        public_url="http://haat",
        database_url=database_url,
        redis_url=servers.new_redis_url(),
        keys_file=folder / "keys.json",
        outbox=folder / "outbox",
        objects_folder=folder / "objects",
        notify_after_seconds=0,
        **NOT_REACHED,
        sms_account="AC",
        sms_token="unused",
        payout_debtor_name="Haat Payments",
        payout_debtor_account="50200012345678",
        payout_debtor_iban="NL91ABNA0417164300",
        sms_from="+15005550006",
    )


@pytest.fixture(scope="session")
def haat() -> strawberry.Schema:
    """Return the schema of the code, without a server."""
    return create_schema(Settings())


@pytest.fixture(scope="session")
def graph(haat: strawberry.Schema) -> GraphQLSchema:
    """Return the schema as a graphql-core object."""
    return graphql_schema(haat)


@pytest.fixture(scope="session")
def keys(settings: Settings) -> SigningKeys:
    return SigningKeys.load(settings.keys_file, settings.file_secrets)


@pytest.fixture(scope="session")
def audits() -> list[AuditRecorder]:
    """Return the recorders of the apps that tests share. They hold entries for a second."""
    return []


@pytest.fixture(scope="session")
async def app(settings: Settings, audits: list[AuditRecorder]) -> AsyncIterator[Starlette]:
    with pytest.MonkeyPatch.context() as patch:
        # On a busy machine PostgreSQL may accept a connection late, which is no outage.
        patch.setattr(core.database, "CONNECT_SECONDS", 10.0)
        app = create_app(settings)
    audits.append(endpoint_of(app).app.audit)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """Open a connection pool for the tests, separate from the app's, with the same role."""
    database = Database(settings.sqlalchemy_url, pool=20, statement_seconds=JOB_STATEMENT_SECONDS)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def superuser(settings: Settings) -> AsyncIterator[Database]:
    """Open the database of the tests for what the application's role cannot do.

    Such as to change the schema, to plant rows without foreign keys, and to delete audit entries.
    """
    url = as_role(settings.sqlalchemy_url, servers.SUPERUSER)
    database = Database(url, pool=2, statement_seconds=JOB_STATEMENT_SECONDS)
    yield database
    await database.close()


@pytest.fixture(scope="session")
async def http(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://haat") as client:
        yield client


@pytest.fixture(scope="session")
def api(http: httpx.AsyncClient, keys: SigningKeys) -> Client:
    """Return a client without a token. `api.signed_in(user)` sends requests as a user."""
    return Client(http, keys)


@pytest.fixture
async def world(
    database: Database, superuser: Database, keys: SigningKeys, audits: list[AuditRecorder]
) -> AsyncIterator[World]:
    """Create rows, and empty all tables after the test."""
    yield World(database, keys)
    await _end(superuser, audits)


@pytest.fixture(scope="module")
async def module_world(
    database: Database, superuser: Database, keys: SigningKeys, audits: list[AuditRecorder]
) -> AsyncIterator[World]:
    """Create rows that all tests of a module read and none changes. Don't use `world` beside it."""
    yield World(database, keys)
    await _end(superuser, audits)


async def _end(superuser: Database, audits: list[AuditRecorder]) -> None:
    """Empty all tables, also of the refusals that would be stored during a later test."""
    for audit in audits:
        await audit.flush()
    await empty_tables(superuser)
