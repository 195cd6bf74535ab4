"""Jobs of fraud cases."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from core.outages import REDIS_ERRORS
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.fraud import holds, notifications
from services.fraud.counters import FraudCounters
from services.fraud.offline import score_scan
from services.fraud.rebuilding import rebuild_counters
from services.fraud.sampling import sample_attempts
from services.transaction import in_batches

tasks = Blueprint()


@tasks.task(name="announce_fraud_case", retry=FOR_A_DAY, pass_context=True)
async def announce_fraud_case(context: JobContext, case_id: str) -> None:
    """Notify the reviewers of a vendor of a new case."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await notifications.announce_case(session, UUID(case_id))


@tasks.task(name="end_fraud_hold", retry=FOR_A_DAY, pass_context=True)
async def end_fraud_hold(context: JobContext, case_id: str) -> None:
    """End a hold that was not decided in time."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await holds.end_hold(session, UUID(case_id))


@tasks.task(name="score_scans", retry=FOR_A_DAY, pass_context=True)
async def score_scans(context: JobContext, redemption_ids: list[str]) -> None:
    """Score scans without a network with which something is wrong, and open their cases."""
    for id in redemption_ids:
        async with WorkerContext.of(context).transactions.begin() as session:
            await score_scan(session, UUID(id))


@tasks.periodic(cron="18 5 * * *")
@tasks.task(name="sample_redemptions", queueing_lock="sample_redemptions", pass_context=True)
async def sample_redemptions(context: JobContext, timestamp: int) -> None:
    """Draw approved attempts for review."""
    await sample_attempts(WorkerContext.of(context).transactions.begin)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="follow_fraud_cases", queueing_lock="follow_fraud_cases", pass_context=True)
async def follow_fraud_cases(context: JobContext, timestamp: int) -> None:
    """End holds whose own job was lost or is late, and return cases whose lease is over."""
    begin = WorkerContext.of(context).transactions.begin
    await holds.end_overdue(begin)
    await in_batches(begin, holds.return_lapsed)


@tasks.periodic(cron="* * * * *")
@tasks.task(name="keep_fraud_counters", queueing_lock="keep_fraud_counters", pass_context=True)
async def keep_fraud_counters(context: JobContext, timestamp: int) -> None:
    """Rebuild the counters of the risk score if Redis has lost them."""
    worker = WorkerContext.of(context)
    counters = FraudCounters(worker.settings.redis)
    try:
        await rebuild_counters(worker.transactions.begin, counters)
    except REDIS_ERRORS:
        return  # without Redis, scores are marked; the next minute tries again
    finally:
        await counters.close()
