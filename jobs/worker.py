"""The process that runs jobs."""

import structlog
from procrastinate import App
from procrastinate.jobs import DeleteJobCondition

from core.database import Database
from core.hub import Hub
from core.keys import Keys
from core.settings import Settings
from gateways.mail import mailer
from gateways.push import pusher
from gateways.stores import store
from jobs.connector import HubConnector
from jobs.tasks import Workshop, tasks
from services.jobs import NAMESPACE
from services.journal import Transactions

POLL_SECONDS = 2.0
AT_ONCE = 8

log = structlog.get_logger(__name__)


def create(settings: Settings, hub: Hub) -> App:
    """The job queue on our database, with every task there is."""
    app = App(connector=HubConnector(hub, settings.libpq_url))
    app.add_tasks_from(tasks, namespace=NAMESPACE)
    return app


async def work(settings: Settings) -> None:
    """Run jobs until told to stop; those under way get ten seconds to end."""
    database, hub = Database(settings.sqlalchemy_url, pool=AT_ONCE), Hub(settings.redis)
    objects = store(settings, Keys.load(settings.keys_file))
    await hub.start()
    await objects.start()
    push = pusher(settings)
    if push is None:
        log.warning("worker.without_push", missing="FCM_CREDENTIALS")
    workshop = Workshop(settings, Transactions(database, hub), mailer(settings), objects, push)
    app = create(settings, hub)
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
        await hub.stop()
        await database.close()
