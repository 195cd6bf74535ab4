"""Jobs of the ledger."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from services.ledger import balances, promo_ends
from services.ledger.sweep import sweeping
from services.transaction import by_ids

tasks = Blueprint()


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="snapshot_ledger", queueing_lock="snapshot_ledger", pass_context=True)
async def snapshot_ledger(context: JobContext, timestamp: int) -> None:
    """Take snapshots of balances, so that reading one adds up few entries."""
    begin = WorkerContext.of(context).transactions.begin
    async with begin() as session:
        await balances.drop_foreign_snapshots(session)
    await by_ids(begin, balances.snapshot_balances)


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="end_promo_money", queueing_lock="end_promo_money", pass_context=True)
async def end_promo_money(context: JobContext, timestamp: int) -> None:
    """Remind of promotional money that ends soon, and end what is past its end."""
    begin = WorkerContext.of(context).transactions.begin
    for step in (promo_ends.remind_of_ends, promo_ends.end_promo_money):
        while await step(begin):
            pass


@tasks.periodic(cron="38 2 * * *")
@tasks.task(name="sweep_ledger", queueing_lock="sweep_ledger", pass_context=True)
async def sweep_ledger(context: JobContext, timestamp: int) -> None:
    """Compare all balances with the entries and with the rows that explain them."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await sweeping.sweep_ledger(session)
