"""Jobs of accounts."""

from datetime import datetime
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from gateways.errors import MessageRejected
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.identity.security_notices import SecurityNotice, compose_notice
from services.identity.verification_mail import compose_verification

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="send_verification", retry=FOR_A_DAY, pass_context=True)
async def send_verification(context: JobContext, registration_id: str) -> None:
    """Send the mail of a registration. A retry sends another link and code."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_verification(session, UUID(registration_id), worker.settings.address)
    if mail is None:
        return
    try:
        await worker.send(mail)
    except MessageRejected as error:
        log.warning("verification.rejected", registration_id=registration_id, error=str(error))


@tasks.task(name="send_security_notice", retry=FOR_A_DAY, pass_context=True)
async def send_security_notice(
    context: JobContext, user_id: str, notice: str, locale: str, at_time: str
) -> None:
    """Send a mail about the factors of an account."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_notice(
            session,
            UUID(user_id),
            SecurityNotice(notice),
            locale=locale,
            at=datetime.fromisoformat(at_time),
        )
    if mail is None:
        return
    try:
        await worker.send(mail)
    except MessageRejected as error:
        log.warning("security_notice.rejected", user_id=user_id, error=str(error))
