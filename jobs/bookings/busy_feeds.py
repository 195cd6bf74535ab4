"""Jobs of calendars elsewhere, whose busy times block resources."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.calendars.reading import CalendarWindow, NoCalendar, days_around
from core.calendars.sandbox import CalendarTooComplex, read_busy_times_in_sandbox
from core.clock import now
from core.runtime.sandbox import SandboxUnavailable
from core.security.sealed import Sealer
from gateways.calendars import CalendarFetcher, CalendarUnreadable
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.bookings.feeds import BUSY_DAYS, BusyFeedProblem
from services.bookings.busy_feeds import reading
from services.bookings.busy_feeds.reading import LeasedFeed, ReadCalendar
from services.transaction import OpenTransaction

tasks = Blueprint()


@tasks.task(name="read_busy_feed", retry=FOR_A_DAY, pass_context=True)
async def read_busy_feed(context: JobContext, feed_id: str) -> None:
    """Read a busy feed that is due, and block its times."""
    worker = WorkerContext.of(context)
    await read_feed(worker.transactions.begin, worker.sealer, worker.calendars, UUID(feed_id))


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="read_due_busy_feeds", queueing_lock="read_due_busy_feeds", pass_context=True)
async def read_due_busy_feeds(context: JobContext, timestamp: int) -> None:
    """Defer the reading of busy feeds that are due, up to 1,000 in each run."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await reading.defer_due(session)


async def read_feed(
    begin: OpenTransaction, sealer: Sealer, fetcher: CalendarFetcher, feed_id: UUID
) -> None:
    """Read a feed that is due, and block its times. A second job at once does nothing."""
    async with begin() as session:
        leased = await reading.lease(session, sealer, feed_id)
    if leased is None:
        return
    window = days_around(now(), BUSY_DAYS + 1)
    try:
        read = await _read(fetcher, leased, window)
    except CalendarUnreadable as error:
        async with begin() as session:
            await reading.note_failure(session, feed_id, error.problem)
        return
    async with begin() as session:
        await reading.store(session, feed_id, read)


async def _read(
    fetcher: CalendarFetcher, leased: LeasedFeed, window: CalendarWindow
) -> ReadCalendar:
    """Fetch a calendar and read its times. Raises `CalendarUnreadable`."""
    fetched = await fetcher.fetch(leased.address, leased.etag)
    if fetched.content is None:
        return ReadCalendar(None, fetched.etag)
    try:
        times = await read_busy_times_in_sandbox(fetched.content, leased.time_zone, window)
    except NoCalendar as error:
        raise CalendarUnreadable(BusyFeedProblem.NO_CALENDAR) from error
    except (CalendarTooComplex, SandboxUnavailable) as error:
        raise CalendarUnreadable(BusyFeedProblem.TOO_COMPLEX) from error
    return ReadCalendar(times, fetched.etag)
