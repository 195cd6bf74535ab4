"""Jobs of members of vendors."""

from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from gateways.errors import MessageRejected
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.members.invitation_mail import compose_invitation

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="send_invitation", retry=FOR_A_DAY, pass_context=True)
async def send_invitation(context: JobContext, invitation_id: str) -> None:
    """Send the mail of an invitation. A retry sends another link.

    If the provider refuses it, a retry would not help.
    """
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_invitation(session, UUID(invitation_id), worker.settings.address)
    if mail is None:
        return
    try:
        await worker.send(mail)
    except MessageRejected as error:
        log.warning("invitation.rejected", invitation_id=invitation_id, error=str(error))
