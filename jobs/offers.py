"""Jobs of offers."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.offers import offers
from services.redemptions import redemptions

tasks = Blueprint()


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
