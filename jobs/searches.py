"""Jobs of saved searches."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.ids import FIRST_ID
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.searches import digests, matching
from services.transaction import by_ids

tasks = Blueprint()


@tasks.task(name="match_saved_searches", retry=FOR_A_DAY, pass_context=True)
async def match_saved_searches(context: JobContext, offer_id: str) -> None:
    """Find the saved searches that a new offer matches, and notify their users, in batches."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(offer_id)
    await by_ids(begin, lambda session, last: matching.match_saved_searches(session, id, last))


@tasks.task(name="match_recent_offers", retry=FOR_A_DAY, pass_context=True)
async def match_recent_offers(context: JobContext, search_id: str) -> None:
    """Compare a search with the offers that were published while it was saved."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await matching.match_recent_offers(session, UUID(search_id))


@tasks.periodic(cron="3 * * * *")
@tasks.task(name="send_search_digests", queueing_lock="send_search_digests", pass_context=True)
async def send_search_digests(context: JobContext, timestamp: int) -> None:
    """Send the daily messages for which it is morning, each in a transaction of its own."""
    begin = WorkerContext.of(context).transactions.begin
    last: UUID | None = FIRST_ID
    while last is not None:
        async with begin() as session:
            due, last = await digests.find_due(session, last)
        for user_id in due:
            async with begin() as session:
                await digests.send_digest(session, user_id)
