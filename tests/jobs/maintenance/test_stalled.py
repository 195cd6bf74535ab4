"""Jobs of a dead worker are requeued, at most five times."""

from types import SimpleNamespace
from typing import Any, cast

from procrastinate import App, JobContext
from sqlalchemy import text

from core.database import Database
from core.ids import new_id
from jobs.maintenance import stalled
from models.offers.offers import OfferState
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.jobs.conftest import Defer, Work
from tests.jobs.offers.test_expire_offer import OVER

DIE = text(
    """
    WITH dead AS (
        INSERT INTO procrastinate_workers (last_heartbeat)
        VALUES (now() - make_interval(secs => :seconds)) RETURNING id
    )
    UPDATE procrastinate_jobs SET status = 'doing', worker_id = dead.id
    FROM dead WHERE task_name = 'haat:expire_offer'
    """
)
LEFT = text("SELECT status, attempts FROM procrastinate_jobs WHERE task_name = 'haat:expire_offer'")


async def die(database: Database, seconds: int) -> None:
    """Assign the job to a worker whose last heartbeat is `seconds` old."""
    async with database.session() as session, session.begin():
        await session.execute(DIE, {"seconds": seconds})


async def left(database: Database) -> list[tuple[str, int]]:
    async with database.session() as session:
        return [(status, attempts) for status, attempts in await session.execute(LEFT)]


async def sweep(queue: App) -> None:
    context: Any = SimpleNamespace(app=queue)
    await stalled.sweep_stalled(cast("JobContext", context), timestamp=0)


async def test_a_stalled_job_is_done_by_another_worker(
    world: World, database: Database, defer: Defer, work: Work
) -> None:
    till = await Till.open(world, **OVER)
    await defer("expire_offer", offer_id=till.offer.id)
    await die(database, seconds=60)
    await work()
    assert (await world.fresh(till.offer)).state == OfferState.PUBLISHED
    await defer("sweep_stalled", timestamp=0)
    for _ in range(2):
        await work()
    assert (await world.fresh(till.offer)).state == OfferState.EXPIRED
    assert await left(database) == []


async def test_a_stalled_job_fails_after_five_more_tries(
    world: World, database: Database, defer: Defer, queue: App
) -> None:
    await defer("expire_offer", offer_id=new_id())
    for attempt in range(stalled.MAX_ATTEMPTS):
        await die(database, seconds=60)
        await sweep(queue)
        assert await left(database) == [("todo", attempt + 1)]
    await die(database, seconds=60)
    await sweep(queue)
    ((status, _),) = await left(database)
    assert status == "failed"


async def test_a_job_under_way_is_left_to_its_worker(
    world: World, database: Database, defer: Defer, queue: App
) -> None:
    await defer("expire_offer", offer_id=new_id())
    await die(database, seconds=stalled.STALLED_SECONDS - 10)
    await sweep(queue)
    assert await left(database) == [("doing", 0)]
