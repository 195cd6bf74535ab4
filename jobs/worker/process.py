"""The worker process."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pkgutil import walk_packages

import structlog
from procrastinate import App, Blueprint
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from procrastinate.signals import on_stop
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    retry_if_result,
    wait_exponential,
)

import jobs
from core.answers.shared import SharedAnswers
from core.database import JOB_STATEMENT_SECONDS, Database
from core.redis.pubsub import PubSub
from core.runtime.health import beat, beat_forever
from core.security.sealed import Sealer
from core.security.signing_keys import SigningKeys
from core.settings import Settings
from core.version import VERSION
from gateways.mail import create_mail_sender
from gateways.payments.factory import create_payment_gateways
from gateways.push import create_push_sender
from gateways.sms import create_sms_sender
from gateways.storage.factory import create_storage
from jobs.context import WorkerContext
from jobs.worker.connector import PubSubConnector
from jobs.worker.pulse import pulse_forever
from services.jobs import DEFAULT, NAMESPACE, PICTURES
from services.public_changes import TABLES
from services.transaction import Transactions

POLL_SECONDS = 2.0
MAX_CONCURRENT_JOBS = 8
CONCURRENCY = {DEFAULT: MAX_CONCURRENT_JOBS, PICTURES: 1}  # jobs of a queue at a time
SHUTDOWN_SECONDS = 10
FIRST_RESTART_SECONDS = 0.5
MAX_RESTART_SECONDS = 10.0

log = structlog.get_logger(__name__)


def create_queue(settings: Settings, pubsub: PubSub) -> App:
    queue = App(connector=PubSubConnector(pubsub, settings.libpq_url))
    for tasks in _blueprints():
        queue.add_tasks_from(tasks, namespace=NAMESPACE)
    return queue


async def work(settings: Settings) -> None:
    """Run jobs until a signal stops the process. Running jobs then get 10 seconds to finish."""
    pubsub = PubSub(settings.redis)
    answers = SharedAnswers(settings.redis, TABLES)
    database = Database(
        settings.sqlalchemy_url,
        pool=sum(CONCURRENCY.values()),
        statement_seconds=JOB_STATEMENT_SECONDS,
    )
    keys = SigningKeys.load(settings.keys_file, settings.file_secrets)
    objects = create_storage(settings, keys)
    await pubsub.start()
    await objects.start()
    push_sender = create_push_sender(settings)
    if push_sender is None:
        log.warning("worker.push_disabled", missing="FCM_CREDENTIALS")
    sms_sender = create_sms_sender(settings)
    payments = create_payment_gateways(settings)
    worker = WorkerContext(
        settings,
        Transactions(
            database,
            pubsub,
            notify_after=settings.notify_after,
            note_changes=answers.note_changes,
        ),
        create_mail_sender(settings),
        objects,
        push_sender,
        Sealer(keys),
        sms_sender,
        payments,
        keys,
    )
    queue = create_queue(settings, pubsub)
    beat(settings.heartbeat_file)  # fail at the start if the file cannot be written
    beating = asyncio.create_task(beat_forever(settings.heartbeat_file))
    pulsing = asyncio.create_task(pulse_forever(worker.transactions))
    log.info("worker.started", version=VERSION, environment=settings.environment, pid=os.getpid())
    try:
        await run_until_signal(lambda: run_jobs(queue, worker))
    finally:
        beating.cancel()
        pulsing.cancel()
        await objects.stop()
        if push_sender:
            await push_sender.close()
        await answers.close()
        if sms_sender:
            await sms_sender.close()
        for gateway in payments.values():
            await gateway.close()
        await pubsub.stop()
        await database.close()
        log.info("worker.stopped")


async def run_jobs(queue: App, worker: WorkerContext) -> None:
    """Run jobs until cancelled, or until PostgreSQL is unavailable for about 30 seconds.

    procrastinate then returns or raises `ConnectorException`, depending on which query failed. The
    queues have workers of their own, so that pictures, each of which takes a core for seconds, do
    not delay mails.
    """
    async with queue.open_async():
        workers = [
            asyncio.create_task(_run_queue(queue, worker, name, concurrency))
            for name, concurrency in CONCURRENCY.items()
        ]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for running in workers:
                running.cancel()
            ended = await asyncio.gather(*workers, return_exceptions=True)
        if failed := [one for one in ended if isinstance(one, Exception)]:
            raise failed[0]


async def _run_queue(queue: App, worker: WorkerContext, name: str, concurrency: int) -> None:
    await queue.run_worker_async(
        queues=[name],
        concurrency=concurrency,
        fetch_job_polling_interval=POLL_SECONDS,
        shutdown_graceful_timeout=SHUTDOWN_SECONDS,
        delete_jobs=DeleteJobCondition.SUCCESSFUL,
        additional_context={"worker": worker},
        install_signal_handlers=False,
    )


async def run_until_signal(run: Callable[[], Awaitable[None]]) -> None:
    """Run again, with growing pauses, when `run` ends; return only after SIGINT or SIGTERM.

    Raises any error except `ConnectorException`, so that the process exits with a status other
    than 0.
    """
    running = asyncio.create_task(_run_again_and_again(run))

    def stop() -> None:
        log.info("worker.stopping", reason="SIGTERM or SIGINT")
        running.cancel()

    with on_stop(stop):
        try:
            await running
        except asyncio.CancelledError:
            if _is_cancelled() or not running.cancelling():  # not by a signal
                raise


async def _run_again_and_again(run: Callable[[], Awaitable[None]]) -> None:
    async def attempt() -> None:
        try:
            await run()
        except ConnectorException:
            if not _is_cancelled():
                raise
        if _is_cancelled():  # procrastinate's shutdown can replace the cancellation by its error
            raise asyncio.CancelledError

    await AsyncRetrying(
        retry=retry_if_exception_type(ConnectorException) | retry_if_result(lambda _: True),
        wait=wait_exponential(FIRST_RESTART_SECONDS, max=MAX_RESTART_SECONDS),
        before_sleep=_log_restart,
    )(attempt)


def _is_cancelled() -> bool:
    """Return whether the current task has been asked to stop."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _log_restart(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning(
        "worker.restarting", attempt=state.attempt_number, error=repr(error) if error else None
    )


def _blueprints() -> Iterator[Blueprint]:
    """Yield each module's `tasks`. Task names are stored with their jobs, so they never change."""
    for module in walk_packages(jobs.__path__, "jobs."):
        tasks = getattr(import_module(module.name), "tasks", None)
        if tasks is not None:
            yield tasks
