"""Jobs of offers."""

from collections.abc import Sequence
from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from models.errors import NotFound, Refusal
from models.offers.imports import MAX_FILE_BYTES, OfferImportFailure
from services.offers import (
    facet_counts,
    followers,
    listings,
    offers,
    ranks,
    schedules,
    suggested_names,
    vocabulary,
)
from services.offers.imports import imports
from services.offers.imports.batches import BATCH_SIZE, import_batch
from services.offers.imports.files import OfferRow, UnreadableOffers, read_offers
from services.redemptions import redemptions
from services.transaction import Transactions, by_ids, in_batches

tasks = Blueprint()


@tasks.task(name="index_offers", retry=FOR_A_DAY, pass_context=True)
async def index_offers(context: JobContext, vendor_id: str) -> None:
    """Update the search texts of a vendor's offers in batches of 100."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(vendor_id)
    await by_ids(begin, lambda session, last: offers.index_offers(session, id, last))


@tasks.task(name="notify_followers", retry=FOR_A_DAY, pass_context=True)
async def notify_followers(context: JobContext, offer_id: str) -> None:
    """Notify the followers of a vendor of its new offer, in batches of 100."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(offer_id)
    await by_ids(begin, lambda session, last: followers.notify_followers(session, id, last))


@tasks.task(name="publish_scheduled_offer", retry=FOR_A_DAY, pass_context=True)
async def publish_scheduled_offer(context: JobContext, offer_id: str) -> None:
    """Publish a draft at its time. A refusal is recorded in another transaction."""
    worker, id = WorkerContext.of(context), UUID(offer_id)
    required = worker.settings.packs_required
    try:
        async with worker.transactions.begin() as session:
            await schedules.publish_scheduled(session, id, packs_required=required)
    except Refusal as refusal:
        async with worker.transactions.begin() as session:
            await schedules.record_failure(session, id, refusal)


@tasks.task(name="import_offers", retry=FOR_A_DAY, pass_context=True)
async def import_offers(context: JobContext, import_id: str) -> None:
    """Import the rows of a file in batches of 100. A retry continues after the last result."""
    worker, id = WorkerContext.of(context), UUID(import_id)
    async with worker.transactions.begin() as session:
        if await imports.is_over(session, id):
            return
        key = await imports.find_file(session, id)
    content = await worker.objects.read(key, MAX_FILE_BYTES) if key else None
    try:
        if content is None:
            raise UnreadableOffers(OfferImportFailure.FILE_MISSING)
        await _import_rows(worker.transactions, id, read_offers(content))
        failure = None
    except UnreadableOffers as error:
        failure = error.failure
    except NotFound:
        failure = OfferImportFailure.NOT_PERMITTED
    async with worker.transactions.begin() as session:
        await imports.finish_import(session, id, failure)


async def _import_rows(
    transactions: Transactions, import_id: UUID, rows: Sequence[OfferRow]
) -> None:
    async with transactions.begin() as session:
        started = await imports.start_import(session, import_id, len(rows))
    for first in range(0, len(rows) if started else 0, BATCH_SIZE):
        async with transactions.begin() as session:
            await import_batch(session, import_id, rows[first : first + BATCH_SIZE])


@tasks.task(name="expire_offer", retry=FOR_A_DAY, pass_context=True)
async def expire_offer(context: JobContext, offer_id: str) -> None:
    """Expire an ended offer, then its vouchers in batches of 100."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        await offers.expire_offer(session, UUID(offer_id))
    more = True
    while more:
        async with transactions.begin() as session:
            more = await redemptions.expire_vouchers(session, UUID(offer_id))


@tasks.periodic(cron="* * * * *")
@tasks.task(name="rank_changed_offers", queueing_lock="rank_changed_offers", pass_context=True)
async def rank_changed_offers(context: JobContext, timestamp: int) -> None:
    """Rank the offers that were claimed, liked or the like, and unlist those that have ended."""
    await in_batches(WorkerContext.of(context).transactions.begin, ranks.rank_changed)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="count_words_of_offers", queueing_lock="count_words_of_offers", pass_context=True)
async def count_words_of_offers(context: JobContext, timestamp: int) -> None:
    """Read texts that an earlier release has listed, and count the words that have changed."""
    begin = WorkerContext.of(context).transactions.begin
    await in_batches(begin, listings.list_wordless)
    await in_batches(begin, vocabulary.count_terms)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="count_listed_offers", queueing_lock="count_listed_offers", pass_context=True)
async def count_listed_offers(context: JobContext, timestamp: int) -> None:
    """Count the listed offers by city, category and discount."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await facet_counts.count_listings(session)


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="suggest_names", queueing_lock="suggest_names", pass_context=True)
async def suggest_names(context: JobContext, timestamp: int) -> None:
    """Write the names that are suggested, those of vendors in batches of 500."""
    begin = WorkerContext.of(context).transactions.begin
    async with begin() as session:
        await suggested_names.suggest_categories(session)
        await suggested_names.suggest_cities(session)
    await by_ids(begin, suggested_names.suggest_vendors)


@tasks.periodic(cron="51 2 * * *")
@tasks.task(name="rank_all_offers", queueing_lock="rank_all_offers", pass_context=True)
async def rank_all_offers(context: JobContext, timestamp: int) -> None:
    """Rank all offers, which lose quality as they get older, in batches of 1,000."""
    await by_ids(WorkerContext.of(context).transactions.begin, ranks.rank_next)


@tasks.task(name="list_moved_category", retry=FOR_A_DAY, pass_context=True)
async def list_moved_category(context: JobContext, category_id: str) -> None:
    """List the offers of a category that was moved, in batches of 1,000."""
    begin, id = WorkerContext.of(context).transactions.begin, UUID(category_id)
    await in_batches(begin, lambda session: listings.list_moved_category(session, id))
