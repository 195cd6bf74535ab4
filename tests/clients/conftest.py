"""A server with a database of its own, and a workshop of programs that are its clients."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from app import create_schema
from commands.payments import settings_of_stand_in
from core.database import Database
from core.security.key_file import NOT_ENCRYPTED
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from models.identity.accounts import User
from services.journal.cursor import CursorCodec
from services.journal.topics import user_topic
from tests import network_limits, servers
from tests.client import gid
from tests.clients.client_project import ClientProject
from tests.factories.emails import email_of
from tests.factories.identity import PASSWORD
from tests.factories.world import World
from tests.payment_providers import running_stand_in
from tests.processes import free_port, running, wait_until_ready

OFFERS = 7
RETURN_URL = "https://shop.example/paid"
FUNDS = 1_000_000  # minor units in the customer's wallet


@dataclass(frozen=True)
class SeededServer:
    """A running server with direct access to its database."""

    url: str
    payments: str  # the address of the stand-in
    database: Database
    keys: SigningKeys
    environment: Mapping[str, str]


@pytest.fixture(scope="session")
async def server(
    worker_id: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SeededServer]:
    folder, name = tmp_path_factory.mktemp("haat-clients"), f"haat_clients_{worker_id}"
    await servers.create_database(name, servers.TEMPLATE)
    SigningKeys.generate().save(folder / "keys.json", NOT_ENCRYPTED)
    environment = {
        "DATABASE_URL": servers.url_of(name),
        "REDIS_URL": servers.new_redis_url(),
        "KEYS_FILE": str(folder / "keys.json"),
        "OUTBOX": str(folder / "outbox"),
        "OBJECTS_FOLDER": str(folder / "objects"),
        "PAYMENT_RETURN_URLS": RETURN_URL,
        **network_limits.IN_ENVIRONMENT,
    }
    database = Database(Settings(database_url=servers.url_of(name)).sqlalchemy_url, pool=2)
    keys = SigningKeys.load(folder / "keys.json", NOT_ENCRYPTED)
    with running_stand_in() as stand_in:
        environment |= settings_of_stand_in(Settings.for_tools(), stand_in.url)
        with serving(environment) as url:
            yield SeededServer(url, stand_in.url, database, keys, environment)
    await database.close()


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[str]:
    """Run a server and yield the URL of its API."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with running("serve", **environment, PORT=str(port)):
        wait_until_ready(url)
        yield f"{url}/graphql"


@pytest.fixture(scope="session")
def project(server: SeededServer, tmp_path_factory: pytest.TempPathFactory) -> ClientProject:
    return ClientProject.build(tmp_path_factory.mktemp("project"), HAAT_URL=server.url)


@pytest.fixture(scope="session")
def typed(project: ClientProject) -> str:
    """Return the output of graphql-codegen, run on the server's introspection."""
    return project.run("graphql-codegen", "--config", "codegen.ts", within="app")


@pytest.fixture(scope="session")
def trusting(
    server: SeededServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ClientProject]:
    """Return a project built with a manifest, for a server that runs only its documents."""
    folder = tmp_path_factory.mktemp("trusting")
    project = ClientProject.build(folder, HAAT_URL=server.url)
    project.run("graphql-codegen", "--config", "codegen.ts", within="app", MANIFEST="1")
    manifest = folder / "app/generated/persisted-documents.json"
    with serving({**server.environment, "TRUSTED_DOCUMENTS": str(manifest)}) as url:
        yield replace(project, environment={"HAAT_URL": url})


@pytest.fixture(scope="session")
def compiled(project: ClientProject) -> str:
    """Return the output of relay-compiler, run on the printed schema."""
    (project.folder / "schema.graphql").write_text(create_schema(Settings()).as_str())
    return project.run("relay-compiler")


@pytest.fixture
async def seed(server: SeededServer) -> str:
    """Create a vendor, its owner, offers, delivered variants and a customer with money.

    Returns JSON.
    """
    world = World(server.database, server.keys)
    owner, customer = await world.user(), await world.user()
    vendor = await world.vendor(owner)
    titles = [{"en": f"Coffee {number}", "hi": f"कॉफ़ी {number}"} for number in range(OFFERS)]
    offers = [await world.offer(vendor, title=title) for title in titles]
    sign_up = await world.registration()
    vouchers = [await world.voucher(offer, customer) for offer in offers[:2]]
    variants = await world.variants(await world.product(vendor, variants=2))
    await world.shipping_rate(await world.shipping_zone(vendor))
    digital = await world.product(
        vendor, variants=0, kind="DIGITAL", min_price=10_000, max_price=10_000
    )
    ebook = await world.variant(digital, tracks_stock=False, on_hand=0)
    await world.fund(customer, FUNDS)
    topic = user_topic(customer.id)
    return json.dumps(
        {
            "url": server.url,
            "payments": server.payments,
            "returnUrl": RETURN_URL,
            "password": PASSWORD,
            "owner": email_of(owner),
            "customer": email_of(customer),
            "vendor": gid(vendor),
            "offers": [gid(offer) for offer in reversed(offers)],
            "variants": [gid(variant) for variant in variants],
            "ebook": gid(ebook),
            "vouchers": [{"id": gid(voucher), "code": voucher.code} for voucher in vouchers],
            "endedToken": ended_token(server.keys, customer),
            "registration": {
                "email": email_of(sign_up.row),
                "secret": sign_up.secret,
                "code": sign_up.code,
            },
            "expiredCursor": CursorCodec(server.keys).encode("of another time", {topic: 0}),
        }
    )


def ended_token(keys: SigningKeys, user: User) -> str:
    token, _ = keys.sign_access(user.id, user.id, minutes=-1)
    return token
