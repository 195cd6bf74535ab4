"""The worker starts again after an outage of the database, and stops on a signal alone."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest
from procrastinate import App
from procrastinate.exceptions import ConnectorException

from core.redis.pubsub import PubSub
from core.settings import Settings
from jobs.context import WorkerContext
from jobs.worker import process
from jobs.worker.connector import PubSubConnector
from tests.factories.world import World
from tests.jobs.conftest import Defer

Run = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "FIRST_RESTART_SECONDS", 0.01)
    monkeypatch.setattr(process, "MAX_RESTART_SECONDS", 0.02)


async def wait_for_cancellation() -> None:
    await asyncio.Event().wait()


async def lose_database_while_stopping() -> None:
    """End as procrastinate does if it cannot unregister the worker."""
    try:
        await wait_for_cancellation()
    except asyncio.CancelledError:
        raise ConnectorException from None


async def test_worker_runs_jobs_after_it_ended_twice(
    world: World,
    queue: App,
    settings: Settings,
    pubsub: PubSub,
    worker_context: WorkerContext,
    defer: Defer,
) -> None:
    """The queue is opened and closed by each run, on a connector of its own."""
    own = queue.with_connector(PubSubConnector(pubsub, settings.libpq_url))
    runs = 0

    async def run() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ConnectorException
        if runs == 2:
            async with own.open_async():
                return
        await process.run_jobs(own, worker_context)

    await defer("expire_offer", offer_id=uuid4())
    working = asyncio.create_task(process.run_until_signal(run))
    async with asyncio.timeout(10):
        while await queue.job_manager.list_jobs_async(status="todo"):
            assert not working.done()
            await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)
        await working
    assert runs == 3


@pytest.mark.parametrize("run", [wait_for_cancellation, lose_database_while_stopping])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_the_worker_without_an_error(run: Run, number: int) -> None:
    working = asyncio.create_task(process.run_until_signal(run))
    await asyncio.sleep(0.1)
    assert not working.done()
    os.kill(os.getpid(), number)
    async with asyncio.timeout(2):
        await working


@pytest.mark.parametrize("run", [wait_for_cancellation, lose_database_while_stopping])
async def test_cancelling_the_worker_is_not_a_signal(run: Run) -> None:
    working = asyncio.create_task(process.run_until_signal(run))
    await asyncio.sleep(0.1)
    working.cancel()
    async with asyncio.timeout(2):
        with pytest.raises(asyncio.CancelledError):
            await working


async def test_an_unexpected_error_ends_the_worker() -> None:
    async def fail() -> None:
        raise LookupError("a mistake of ours")

    with pytest.raises(LookupError):
        await process.run_until_signal(fail)
