"""A job worker in this process."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition

from core.database import Database
from core.hub import Hub
from core.keys import Keys
from core.settings import Settings
from gateways.mail import mailer
from gateways.stores import store
from jobs import worker
from jobs.tasks import Workshop
from services import jobs
from services.journal import Transactions

Work = Callable[[], Awaitable[None]]
Defer = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
async def hub(settings: Settings) -> AsyncIterator[Hub]:
    hub = Hub(settings.redis)
    await hub.start()
    yield hub
    await hub.stop()


@pytest.fixture
def transactions(database: Database, hub: Hub) -> Transactions:
    return Transactions(database, hub)


@pytest.fixture(scope="session")
async def queue(settings: Settings, hub: Hub) -> AsyncIterator[App]:
    """One for all tests: procrastinate renames the tasks of a blueprint when an app takes them."""
    app = worker.create(settings, hub)
    async with app.open_async():
        yield app


@pytest.fixture
def workshop(settings: Settings, transactions: Transactions, keys: Keys) -> Workshop:
    """What the worker in this process works with."""
    return Workshop(settings, transactions, mailer(settings), store(settings, keys))


@pytest.fixture
def work(queue: App, workshop: Workshop) -> Work:
    """Does every job that is due, as `haat worker` does, and returns when none is left."""

    async def work() -> None:
        await queue.run_worker_async(
            wait=False,
            concurrency=worker.AT_ONCE,
            listen_notify=False,
            install_signal_handlers=False,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            additional_context={"workshop": workshop},
        )

    return work


@pytest.fixture
def defer(transactions: Transactions) -> Defer:
    async def defer(task: str, **given: object) -> None:
        async with transactions.begin() as session:
            await jobs.defer(session, task, **given)  # type: ignore[arg-type]

    return defer
