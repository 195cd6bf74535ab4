"""The worker process."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import structlog
from procrastinate import App, Blueprint
from procrastinate.jobs import DeleteJobCondition

import jobs
from core.database import Database
from core.pubsub import PubSub
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from gateways.mail import create_mail_sender
from gateways.push import create_push_sender
from gateways.storage.factory import create_storage
from jobs.connector import PubSubConnector
from jobs.context import WorkerContext
from services.jobs import NAMESPACE
from services.transaction import Transactions

POLL_SECONDS = 2.0
MAX_CONCURRENT_JOBS = 8
SHUTDOWN_SECONDS = 10

log = structlog.get_logger(__name__)


def create_queue(settings: Settings, pubsub: PubSub) -> App:
    """Return the job queue with all tasks."""
    queue = App(connector=PubSubConnector(pubsub, settings.libpq_url))
    for tasks in _blueprints():
        queue.add_tasks_from(tasks, namespace=NAMESPACE)
    return queue


async def work(settings: Settings) -> None:
    """Run jobs until the process is stopped. Running jobs then get 10 seconds to finish."""
    database, pubsub = (
        Database(settings.sqlalchemy_url, pool=MAX_CONCURRENT_JOBS),
        PubSub(settings.redis),
    )
    objects = create_storage(settings, SigningKeys.load(settings.keys_file))
    await pubsub.start()
    await objects.start()
    push_sender = create_push_sender(settings)
    if push_sender is None:
        log.warning("worker.push_disabled", missing="FCM_CREDENTIALS")
    worker = WorkerContext(
        settings,
        Transactions(database, pubsub, notify_after=settings.notify_after),
        create_mail_sender(settings),
        objects,
        push_sender,
    )
    queue = create_queue(settings, pubsub)
    try:
        async with queue.open_async():
            await queue.run_worker_async(
                concurrency=MAX_CONCURRENT_JOBS,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=SHUTDOWN_SECONDS,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                additional_context={"worker": worker},
            )
    finally:
        await objects.stop()
        if push_sender:
            await push_sender.close()
        await pubsub.stop()
        await database.close()


def _blueprints() -> Iterator[Blueprint]:
    """Yield the `tasks` of every module of this package."""
    for module in iter_modules(jobs.__path__):
        tasks = getattr(import_module(f"jobs.{module.name}"), "tasks", None)
        if tasks is not None:
            yield tasks
