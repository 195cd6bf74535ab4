"""A worker in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition
from sqlalchemy import text

from core.database import Database
from core.redis.pubsub import PubSub
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.mail import MailSender, create_mail_sender
from gateways.push import PushSender, create_push_sender
from gateways.sms import SmsOutbox
from gateways.storage.factory import create_storage
from jobs.context import WorkerContext
from jobs.worker import process
from services import jobs
from services.transaction import Transactions
from tests.queues import queue_of

DUE = text(
    """
    SELECT EXISTS (SELECT FROM procrastinate_jobs
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))
    """
)

Work = Callable[[], Awaitable[None]]
Defer = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
async def pubsub(settings: Settings) -> AsyncIterator[PubSub]:
    pubsub = PubSub(settings.redis)
    await pubsub.start()
    yield pubsub
    await pubsub.stop()


@pytest.fixture
def transactions(database: Database, pubsub: PubSub) -> Transactions:
    return Transactions(database, pubsub)


@pytest.fixture(scope="session")
async def queue(settings: Settings, pubsub: PubSub) -> AsyncIterator[App]:
    with queue_of(settings, pubsub) as app:
        async with app.open_async():
            yield app


@pytest.fixture
def mail(settings: Settings) -> MailSender:
    return create_mail_sender(settings)


@pytest.fixture
def push(settings: Settings) -> PushSender | None:
    return create_push_sender(settings)


@pytest.fixture
def outbox(settings: Settings) -> Path:
    for path in settings.outbox.glob("*.*"):
        path.unlink()
    return settings.outbox


@pytest.fixture
def worker_context(
    settings: Settings,
    transactions: Transactions,
    keys: SigningKeys,
    mail: MailSender,
    push: PushSender | None,
) -> WorkerContext:
    """Return the context of a worker in this process."""
    objects, sms = create_storage(settings, keys), SmsOutbox(settings.outbox)
    return WorkerContext(settings, transactions, mail, objects, push, Sealer(keys), sms, {}, keys)


@pytest.fixture
def work(queue: App, database: Database, worker_context: WorkerContext) -> Work:
    """Run every due job, as `haat worker` does, until none is left.

    A worker with `wait=False` leaves the jobs that its last jobs have deferred.
    """

    async def work() -> None:
        while await _due(database):
            await queue.run_worker_async(
                wait=False,
                concurrency=process.MAX_CONCURRENT_JOBS,
                listen_notify=False,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                additional_context={"worker": worker_context},
            )

    return work


async def _due(database: Database) -> bool:
    async with database.session() as session:
        return bool(await session.scalar(DUE))


@pytest.fixture
def defer(transactions: Transactions) -> Defer:
    async def defer(task: str, **given: object) -> None:
        async with transactions.begin() as session:
            await jobs.defer(session, task, **given)  # type: ignore[arg-type]

    return defer
