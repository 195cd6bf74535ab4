"""Jobs of packs: the end of quota, and the periods of subscriptions."""

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from services.packs import granting, renewing

tasks = Blueprint()


@tasks.periodic(cron="* * * * *")
@tasks.task(name="end_pack_grants", queueing_lock="end_pack_grants", pass_context=True)
async def end_pack_grants(context: JobContext, timestamp: int) -> None:
    """End quota whose time is over, in batches of 100."""
    while await granting.end_due_grants(WorkerContext.of(context).transactions.begin):
        pass


@tasks.periodic(cron="* * * * *")
@tasks.task(name="renew_packs", queueing_lock="renew_packs", pass_context=True)
async def renew_packs(context: JobContext, timestamp: int) -> None:
    """Announce debits, begin periods that are due, and charge unpaid ones again."""
    begin = WorkerContext.of(context).transactions.begin
    for step in (renewing.announce_due, renewing.renew_due, renewing.retry_due):
        while await step(begin):
            pass
