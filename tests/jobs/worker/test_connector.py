"""An idle worker starts a new job at once, without notifications of PostgreSQL."""

import asyncio
from uuid import uuid4

from procrastinate import App

from jobs.context import WorkerContext
from tests.factories.world import World
from tests.jobs.conftest import Defer

PATIENCE_SECONDS = 120.0  # of a busy machine
POLL_SECONDS = 3600.0  # so that only the signal can be the reason


async def test_worker_is_woken_by_redis(
    world: World, queue: App, worker_context: WorkerContext, defer: Defer
) -> None:
    working = asyncio.create_task(
        queue.run_worker_async(
            fetch_job_polling_interval=POLL_SECONDS,
            install_signal_handlers=False,
            additional_context={"worker": worker_context},
        )
    )
    try:
        await asyncio.sleep(1)  # it has looked once, found nothing, and waits
        await defer("expire_offer", offer_id=uuid4())
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await queue.job_manager.list_jobs_async(status="todo"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
