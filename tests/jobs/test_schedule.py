"""Jobs that are long run at different minutes, so that they do not slow each other down."""

from uuid import uuid4

from procrastinate import App
from sqlalchemy import text

from tests.factories.world import World
from tests.jobs.conftest import Defer, Work

OFTEN = {"*", "*/2", "*/5", "*/10"}  # short ones


def test_no_two_hourly_or_daily_jobs_share_a_minute(queue: App) -> None:
    crons = [one.cron for one in queue.periodic_registry.periodic_tasks.values()]
    minutes = [cron.split()[0] for cron in crons]
    fixed = sorted(int(minute) for minute in minutes if minute not in OFTEN)
    assert len(fixed) >= 6
    assert fixed == sorted(set(fixed))
    assert not [minute for minute in fixed if minute % 5 == 0], "the minutes of the short ones"


async def test_no_periodic_job_runs_in_a_test(world: World, defer: Defer, work: Work) -> None:
    """The result of a test must not depend on the hour of the day."""
    await defer("expire_offer", offer_id=uuid4())
    await work()
    async with world.database.session() as session:
        deferred = text("SELECT task_name FROM procrastinate_periodic_defers")
        assert (await session.scalars(deferred)).all() == []
