"""Every client of another process has a deadline, and those of requests have a breaker."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest
from graphql import GraphQLError
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError

from app import create_app
from core.circuit_breaker import CircuitOpen
from core.database import CONNECT_SECONDS, POOL_SECONDS, REPLY_SECONDS, STATEMENT_SECONDS, Database
from core.documents.persisted_documents import PersistedDocuments
from core.errors import Unavailable
from core.ids import new_id
from core.limits import keys
from core.limits.buckets import TokenBucket
from core.limits.rate_limits import RateLimits
from core.observability import tracing
from core.redis.expiring_sets import ExpiringSets
from core.redis.pubsub import PubSub
from core.redis.timeouts import REDIS_TIMEOUTS, RedisAllowance
from core.security.service_account import ServiceAccount
from core.settings import HOME, Settings
from core.statements.statement import Statement
from engine.errors.codes import Fault
from engine.errors.conversion import format_error
from gateways import mail, push
from gateways.errors import DeliveryError
from gateways.mail import MailMessage, SmtpSender
from gateways.push import FcmSender
from gateways.sign_in import http
from gateways.sign_in.base import ProviderClient, ProviderExchange, ProviderFailed
from gateways.sign_in.google import GoogleSignIn
from gateways.storage import s3
from gateways.storage.base import StorageUnreachable
from gateways.storage.s3 import S3Storage
from jobs.worker.connector import PubSubConnector
from services.chat.presence import PresenceTracker, TypingTracker
from services.status import ServerStatus
from tests.test_architecture import imported, sources

# Modules that open connections, and the files that use them. A file that is missing here needs a
# deadline for each wait, a test of it below, and then its line.
CLIENTS = {
    "aioboto3": {"gateways/storage/s3.py"},
    "aiosmtplib": {"gateways/mail.py"},
    "asyncpg": {
        "core/outages.py",  # its errors
        "core/statements/read_connections.py",  # the only one that connects
        *(
            f"core/statements/{name}.py"
            for name in ("codecs", "pages", "records", "session_connection", "statement")
        ),
        "core/statements/inserts.py",  # sends statements
        "core/statements/units.py",
        "core/database.py",  # its pool connects
        "services/journal/append.py",
        "services/idempotency.py",
        "services/offers/claims.py",
        "services/offers/first_claims.py",
        "services/redemptions/bills.py",
        "services/redemptions/redeem.py",
        "services/redemptions/scanned.py",
        "services/redemptions/syncing.py",
        "services/redemptions/uses.py",
        *(
            f"services/{name}.py"
            for name in (
                "bookings/slots/reading",
                "carts/items",
                "events/check_in/tickets",
                "events/holds/selling",
                "events/seats/places",
                "fraud/facts",
                "ledger/posting",
                "orders/placing/placing",
                "orders/placing/shortage",
                "promos/uses",
                "stock/goods",
                "stock/levels",
            )
        ),
        "services/identity/sessions/refreshes.py",
        "services/transaction.py",
    },
    "authlib.integrations.httpx_client": {"gateways/sign_in/http.py"},
    "httpx": {
        "gateways/payments/paystack/client.py",
        "gateways/push.py",
        "gateways/sign_in/http.py",
        "gateways/sms.py",
    },
    "opentelemetry.exporter": {"core/observability/tracing.py"},
    "procrastinate.PsycopgConnector": {"jobs/worker/connector.py"},
    "socket": {
        "cli.py",  # with a timeout of 0.2 seconds
        "gateways/public_network.py",  # looks names up, within the deadline of a calendar
        "web/server.py",  # only listens
    },
    "sqlalchemy.ext.asyncio": {"core/database.py", "alembic/env.py"},
    "stripe": {  # gateway.py alone makes a client, with a timeout
        *(
            f"gateways/payments/stripe/{name}.py"
            for name in ("errors", "gateway", "objects", "payouts", "requests", "webhooks")
        ),
    },
    "urllib.request": {"core/runtime/health.py"},
}
UNUSED = {
    *("aiohttp.ClientSession", "boto3", "ftplib", "http.client", "imaplib", "psycopg"),
    *(
        "procrastinate.SyncPsycopgConnector",
        "psycopg_pool",
        "requests",
        "smtplib",
        "telnetlib",
        "urllib3",
        "websockets.client",
    ),
}
ONE: Statement[asyncpg.Record] = Statement(select(literal(1)))
PRODUCT = [
    *("core", "dataloaders", "demo", "engine", "gateways", "jobs", "models", "resolvers"),
    *("schema", "services", "subscriptions", "web", "alembic"),
]


def test_every_file_that_opens_connections_is_known() -> None:
    found = defaultdict(set)
    for path in [*sources(*PRODUCT), HOME / "app.py", HOME / "cli.py"]:
        for name in imported(path):
            for module in (*CLIENTS, *UNUSED):
                if f"{name}.".startswith(f"{module}."):
                    found[module].add(str(path.relative_to(HOME)))
    assert found == CLIENTS


ACCEPTED: list[None] = []  # one per connection


@pytest.fixture
async def hanging() -> AsyncIterator[int]:
    """Yield the port of a server that accepts connections and never replies."""
    ACCEPTED.clear()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ACCEPTED.append(None)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def trickling() -> AsyncIterator[int]:
    """Yield the port of a server whose answer never ends."""

    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_postgres_ends_statements_and_is_waited_for_a_little_longer(
    settings: Settings,
) -> None:
    database = Database(settings.sqlalchemy_url)
    assert database.engine.pool.timeout() == POOL_SECONDS  # type: ignore[attr-defined]
    async with database.session() as session:
        shown = {
            name: await session.scalar(text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout")
        }
        connection: Any = await (await session.connection()).get_raw_connection()
        configured = connection.driver_connection._config
        assert configured.command_timeout == STATEMENT_SECONDS + REPLY_SECONDS
    assert shown == {"statement_timeout": "2s", "lock_timeout": "1500ms"}
    await database.close()


async def test_a_slow_statement_is_no_outage(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url, statement_seconds=1)
    for _ in range(4):
        with pytest.raises(DBAPIError) as slow:
            async with database.session() as session:
                await session.execute(text("SELECT pg_sleep(1.2)"))
        formatted = format_error(GraphQLError("", original_error=slow.value), [])
        assert formatted.extensions == {"code": Fault.QUERY_TIMEOUT}
    await database.close()


async def test_the_settings_name_the_deadline_of_requests(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    construct = Database.__init__

    def record(database: Database, *given: Any, **options: Any) -> None:
        made.append(options["statement_seconds"])
        construct(database, *given, **options)

    monkeypatch.setattr(Database, "__init__", record)
    create_app(settings)
    assert set(made) == {settings.statement_timeout_seconds}
    assert Settings.model_fields["statement_timeout_seconds"].default == STATEMENT_SECONDS


@pytest.mark.parametrize("reads", [False, True], ids=["session", "read"])
async def test_connecting_to_postgres_has_a_deadline(
    hanging: int, monkeypatch: pytest.MonkeyPatch, *, reads: bool
) -> None:
    deadlines: list[float] = []
    connect: Any = asyncpg.connect

    def record(*given: Any, timeout: float, **options: Any) -> Any:
        deadlines.append(timeout)
        return connect(*given, timeout=0.2, **options)

    monkeypatch.setattr(asyncpg, "connect", record)
    database = Database(f"postgresql+asyncpg://haat:haat@127.0.0.1:{hanging}/haat")
    with pytest.raises(Unavailable):
        if reads:
            await database.reads.fetch(ONE, {})
        else:
            async with database.session() as session:
                await session.connection()
    assert deadlines == [CONNECT_SECONDS]
    assert 0 < CONNECT_SECONDS <= 5
    await database.close()


async def test_reads_have_the_deadlines_of_sessions(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url)
    await database.reads.fetch(ONE, {})
    (connection,) = database.reads._idle
    assert connection._config.command_timeout == STATEMENT_SECONDS + REPLY_SECONDS
    assert database.reads._wait_seconds == POOL_SECONDS
    await database.close()


def test_the_queue_has_deadlines(settings: Settings) -> None:
    given = PubSubConnector(PubSub(settings.redis), settings.libpq_url)._pool_args
    assert 0 < given["timeout"] <= 10
    assert 0 < given["kwargs"]["connect_timeout"] <= 5
    assert given["kwargs"]["tcp_user_timeout"] == 20_000


def redis_calls(url: str) -> dict[str, Callable[[], Awaitable[object]]]:
    """Return a call of each client, which the breaker is to refuse while Redis hangs."""
    pubsub, key = PubSub(url), keys.of_user(new_id())
    tracker = PresenceTracker(url, pubsub)
    status = ServerStatus(cast("Database", None), url)
    bucket, allowance = {key: TokenBucket(1_000, 1)}, RedisAllowance()
    return {
        "typing": partial(TypingTracker(url, pubsub).of, new_id()),
        "set": partial(ExpiringSets(url, pubsub, "x", 1).set, "a", "b"),
        "set_many": partial(ExpiringSets(url, pubsub, "x", 1).set_many, ["a"], "b"),
        "last seen": partial(tracker._find_seen, [new_id()]),
        "seen now": partial(tracker._record_seen, [new_id()]),
        "find document": partial(PersistedDocuments(url).find, "0" * 64),
        "status": status._redis_check,
        "limits": partial(RateLimits(url).charge, bucket, 1, allowance),
    }


@pytest.mark.parametrize("client", redis_calls("redis://127.0.0.1:1"))
async def test_redis_clients_have_a_breaker(
    hanging: int, monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    """The clients are found by `test_every_redis_client_has_a_breaker`."""
    for timeout in ("socket_timeout", "socket_connect_timeout"):
        monkeypatch.setitem(REDIS_TIMEOUTS, timeout, 0.05)
    call = redis_calls(f"redis://127.0.0.1:{hanging}")[client]
    for _ in range(3):
        await call()
    asked = len(ACCEPTED)
    assert asked
    await asyncio.gather(*(call() for _ in range(20)))
    assert len(ACCEPTED) == asked, "a Redis that hangs is not asked for five seconds"


async def test_calls_that_wait_for_a_connection_fail_at_once_after_an_outage(
    hanging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for timeout in ("socket_timeout", "socket_connect_timeout"):
        monkeypatch.setitem(REDIS_TIMEOUTS, timeout, 0.2)
    url = f"redis://127.0.0.1:{hanging}"
    sets = ExpiringSets(url, PubSub(url), "x", 1)
    await asyncio.gather(*(sets.set(number, "x") for number in range(1_000)))
    assert 0 < len(ACCEPTED) < 50, "all others were refused by the breaker"


async def test_smtp_has_a_deadline_and_a_breaker(
    hanging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < mail.TIMEOUT_SECONDS <= 20
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    sender = SmtpSender(f"smtp://127.0.0.1:{hanging}", "a@haat.example")
    refused = []
    for _ in range(4):
        with pytest.raises(DeliveryError) as failed:
            await sender.send(MailMessage(new_id(), "b@haat.example", "Hello", "Hello"))
        refused.append(isinstance(failed.value.__cause__, CircuitOpen))
    assert refused == [False, False, False, True]
    assert str(failed.value) == "SMTPConnectTimeoutError", "the reason is that of the last failure"


async def test_fcm_has_a_deadline_and_a_breaker(
    hanging: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < push.TIMEOUT_SECONDS <= 10
    monkeypatch.setattr(push, "TIMEOUT_SECONDS", 0.2)
    account = cast("ServiceAccount", SimpleNamespace(project_id="haat"))
    sender = FcmSender(account, f"http://127.0.0.1:{hanging}")
    assert sender._http.timeout.read == sender._http.timeout.pool == 0.2
    refused = []
    for _ in range(4):
        with pytest.raises(DeliveryError) as failed:
            await sender._post(f"http://127.0.0.1:{hanging}")
        refused.append(isinstance(failed.value.__cause__, CircuitOpen))
    assert refused == [False, False, False, True]
    assert str(failed.value) == "Google did not respond: ReadTimeout"
    await sender.close()


@pytest.mark.parametrize("trickles", [False, True])
async def test_a_provider_of_accounts_has_a_deadline_and_a_breaker(
    hanging: int, trickling: int, monkeypatch: pytest.MonkeyPatch, *, trickles: bool
) -> None:
    """Also one that sends a byte now and then: each read of it is in time."""
    assert 0 < http.TIMEOUT_SECONDS <= 5
    monkeypatch.setattr(http, "TIMEOUT_SECONDS", 0.2)
    port = trickling if trickles else hanging
    google = GoogleSignIn(ProviderClient("id", "secret"), f"http://127.0.0.1:{port}")
    refused = []
    for _ in range(4):
        with pytest.raises(ProviderFailed) as failed:
            await google.authorization_url(ProviderExchange("http://haat", "s", "v", "n"))
        refused.append(isinstance(failed.value.__cause__, CircuitOpen))
    assert refused == [False, False, False, True]
    await google.close()


async def test_s3_has_a_deadline_and_a_breaker(
    hanging: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < s3.OPERATION_SECONDS <= 30
    monkeypatch.setattr(s3, "OPERATION_SECONDS", 0.3)
    values = settings.model_dump() | {
        "objects_bucket": "haat",
        "objects_url": f"http://127.0.0.1:{hanging}",
        "objects_access_key": "haat",
        "objects_secret_key": "secret",
    }
    storage = S3Storage(Settings(**values))
    await storage.start()
    causes = []
    for _ in range(4):
        with pytest.raises(StorageUnreachable) as failed:
            await storage.read("incoming/x", 10)
        causes.append(type(failed.value.__cause__))
    assert causes == [TimeoutError] * 3 + [CircuitOpen], "a call waits for its own deadline alone"
    config = storage._client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (s3.CONNECT_SECONDS, s3.READ_SECONDS)
    await storage.stop()


def test_the_exporter_of_traces_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []

    def record(endpoint: str, timeout: float = 60) -> OTLPSpanExporter:
        made.append(timeout)
        return OTLPSpanExporter(endpoint, timeout=timeout)

    monkeypatch.setattr(tracing, "OTLPSpanExporter", record)
    monkeypatch.setattr(trace, "set_tracer_provider", lambda provider: provider.shutdown())
    tracing.configure("http://127.0.0.1:9")
    assert made == [tracing.EXPORT_SECONDS]
    assert tracing.EXPORT_SECONDS <= 5
