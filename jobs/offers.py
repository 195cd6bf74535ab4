"""Jobs of offers."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.offers import followers, offers
from services.redemptions import redemptions
from services.transaction import by_ids

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
