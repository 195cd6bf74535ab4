"""Jobs of admins: what ends by itself, and mails."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.admins import changes, impersonations, suspensions
from services.admins.impersonation_mail import compose_impersonation_mail

tasks = Blueprint()


@tasks.task(name="end_user_suspension", retry=FOR_A_DAY, pass_context=True)
async def end_user_suspension(context: JobContext, suspension_id: str) -> None:
    """Restore a user at the end of a suspension, unless an admin did so before."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await suspensions.end_suspension(session, UUID(suspension_id))


@tasks.task(name="expire_admin_change", retry=FOR_A_DAY, pass_context=True)
async def expire_admin_change(context: JobContext, change_id: str) -> None:
    """End a request for a change of admins that was not confirmed within 24 hours."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await changes.expire_change(session, UUID(change_id))


@tasks.task(name="end_impersonation", retry=FOR_A_DAY, pass_context=True)
async def end_impersonation(context: JobContext, impersonation_id: str) -> None:
    """End an impersonation whose time is over, unless it has ended before."""
    async with WorkerContext.of(context).transactions.begin() as session:
        await impersonations.end_in_time(session, UUID(impersonation_id))


@tasks.task(name="send_impersonation_mail", retry=FOR_A_DAY, pass_context=True)
async def send_impersonation_mail(context: JobContext, impersonation_id: str) -> None:
    """Send the mail to a user whose account an admin has used."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_impersonation_mail(session, worker.sealer, UUID(impersonation_id))
    await worker.send_unless_rejected(mail, "impersonation", impersonation_id=impersonation_id)
