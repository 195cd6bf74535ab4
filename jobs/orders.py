"""Jobs of orders."""

from functools import partial
from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.downloads.retention import delete_old_keys
from services.orders import retention
from services.orders.handling import delivering, on_site, returns
from services.orders.placing import announcing, expiry
from services.payouts.accounts.terms import PayoutPolicy
from services.transaction import in_batches

tasks = Blueprint()


@tasks.task(name="expire_order", retry=FOR_A_DAY, pass_context=True)
async def expire_order(context: JobContext, order_id: str) -> None:
    """Let an order expire that was not paid in time."""
    await expiry.expire_order(WorkerContext.of(context).transactions.begin, UUID(order_id))


@tasks.periodic(cron="* * * * *")
@tasks.task(name="expire_overdue_orders", queueing_lock="expire_overdue_orders", pass_context=True)
async def expire_overdue_orders(context: JobContext, timestamp: int) -> None:
    """Let orders expire whose own job was lost or is late, in batches of 100."""
    while await expiry.expire_overdue(WorkerContext.of(context).transactions.begin):
        pass


@tasks.task(name="announce_order", retry=FOR_A_DAY, pass_context=True)
async def announce_order(context: JobContext, order_id: str) -> None:
    """Notify the buyer and the vendors of an order that was confirmed or has expired."""
    transactions = WorkerContext.of(context).transactions
    async with transactions.begin() as session:
        parts = await announcing.announce_order(session, UUID(order_id))
    for suborder_id in parts:
        async with transactions.begin() as session:
            await announcing.announce_part(session, suborder_id)


@tasks.periodic(cron="57 * * * *")
@tasks.task(name="release_suborders", queueing_lock="release_suborders", pass_context=True)
async def release_suborders(context: JobContext, timestamp: int) -> None:
    """Expire returns whose goods did not come, then release what can no longer be returned."""
    worker = WorkerContext.of(context)
    begin, policy = worker.transactions.begin, PayoutPolicy.of(worker.settings)
    while await returns.expire_returns(begin):
        pass
    while await delivering.release_parts(begin, policy):
        pass


@tasks.periodic(cron="12 3 * * *")
@tasks.task(name="blank_old_orders", queueing_lock="blank_old_orders", pass_context=True)
async def blank_old_orders(context: JobContext, timestamp: int) -> None:
    """Blank the addresses and notes of orders whose term of bookkeeping is over.

    The license keys that were sold end with them.
    """
    worker = WorkerContext.of(context)
    for blank in (retention.blank_old_orders, retention.blank_old_notes, delete_old_keys):
        await in_batches(
            worker.transactions.begin, partial(blank, years=worker.settings.order_years)
        )


@tasks.task(name="deliver_on_site", retry=FOR_A_DAY, pass_context=True)
async def deliver_on_site(context: JobContext, order_id: str) -> None:
    """Ship what of an order is had on site, and deliver its parts that are over."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        await on_site.deliver_on_site(session, UUID(order_id), worker.settings.return_days)
