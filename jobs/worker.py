"""The process that runs jobs."""

import structlog
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition

from core.database import Database
from core.pubsub import PubSub
from core.settings import Settings
from core.signing_keys import SigningKeys
from gateways.mail import create_mail_sender
from gateways.push import create_push_sender
from gateways.storage.factory import create_storage
from jobs.connector import PubSubConnector
from jobs.tasks import WorkerContext, tasks
from services.jobs import NAMESPACE
from services.transaction import Transactions

POLL_SECONDS = 2.0
AT_ONCE = 8

log = structlog.get_logger(__name__)


def create(settings: Settings, pubsub: PubSub) -> App:
    """The job queue on our database, with every task there is."""
    app = App(connector=PubSubConnector(pubsub, settings.libpq_url))
    app.add_tasks_from(tasks, namespace=NAMESPACE)
    return app


async def work(settings: Settings) -> None:
    """Run jobs until told to stop; those under way get ten seconds to end."""
    database, pubsub = Database(settings.sqlalchemy_url, pool=AT_ONCE), PubSub(settings.redis)
    objects = create_storage(settings, SigningKeys.load(settings.keys_file))
    await pubsub.start()
    await objects.start()
    push = create_push_sender(settings)
    if push is None:
        log.warning("worker.without_push", missing="FCM_CREDENTIALS")
    workshop = WorkerContext(
        settings, Transactions(database, pubsub), create_mail_sender(settings), objects, push
    )
    app = create(settings, pubsub)
    try:
        async with app.open_async():
            await app.run_worker_async(
                concurrency=AT_ONCE,
                fetch_job_polling_interval=POLL_SECONDS,
                shutdown_graceful_timeout=10,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                additional_context={"workshop": workshop},
            )
    finally:
        await objects.stop()
        if push:
            await push.close()
        await pubsub.stop()
        await database.close()
