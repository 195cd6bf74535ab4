"""Jobs of members of vendors."""

from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.members.invitation_mail import compose_invitation

tasks = Blueprint()


@tasks.task(name="send_invitation", retry=FOR_A_DAY, pass_context=True)
async def send_invitation(context: JobContext, invitation_id: str) -> None:
    """Send the mail of an invitation. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_invitation(
            session, worker.sealer, UUID(invitation_id), worker.settings.address
        )
    await worker.send_unless_rejected(mail, "invitation", invitation_id=invitation_id)
