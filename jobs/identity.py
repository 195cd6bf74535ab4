"""Jobs of accounts."""

from datetime import datetime
from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.identity.addresses.email_change_mail import compose_change, compose_changed
from services.identity.factors.mail_codes import compose_mail_code
from services.identity.passwords.reset_mail import compose_reset
from services.identity.phones.phone_codes import compose_code
from services.identity.registrations.verification_mail import compose_verification
from services.identity.security_notices import SecurityNotice, compose_notice

tasks = Blueprint()


@tasks.task(name="send_verification", retry=FOR_A_DAY, pass_context=True)
async def send_verification(context: JobContext, registration_id: str) -> None:
    """Send the mail of a registration. A retry sends another link and code."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_verification(
            session, worker.sealer, UUID(registration_id), worker.settings.address
        )
    await worker.send_unless_rejected(mail, "verification", registration_id=registration_id)


@tasks.task(name="send_password_reset", retry=FOR_A_DAY, pass_context=True)
async def send_password_reset(context: JobContext, reset_id: str) -> None:
    """Send the mail with the link for a new password. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_reset(session, worker.sealer, UUID(reset_id), worker.settings.address)
    await worker.send_unless_rejected(mail, "password_reset", reset_id=reset_id)


@tasks.task(name="send_security_notice", retry=FOR_A_DAY, pass_context=True)
async def send_security_notice(
    context: JobContext, user_id: str, notice: str, at_time: str
) -> None:
    """Send the mails about the security of an account."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mails = await compose_notice(
            session,
            worker.sealer,
            UUID(user_id),
            SecurityNotice(notice),
            datetime.fromisoformat(at_time),
        )
    for mail in mails:
        await worker.send_unless_rejected(mail, "security_notice", user_id=user_id)


@tasks.task(name="send_mail_code", retry=FOR_A_DAY, pass_context=True)
async def send_mail_code(context: JobContext, challenge_id: str) -> None:
    """Send the mail with a code for a sign-in. A retry sends another code, until it has ended."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_mail_code(session, worker.sealer, UUID(challenge_id))
    await worker.send_unless_rejected(mail, "mail_code", challenge_id=challenge_id)


@tasks.task(name="send_email_change", retry=FOR_A_DAY, pass_context=True)
async def send_email_change(context: JobContext, change_id: str) -> None:
    """Send the mail to the new address of an account. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_change(
            session, worker.sealer, UUID(change_id), worker.settings.address
        )
    await worker.send_unless_rejected(mail, "email_change", change_id=change_id)


@tasks.task(name="send_email_changed", retry=FOR_A_DAY, pass_context=True)
async def send_email_changed(context: JobContext, change_id: str) -> None:
    """Send the mail to the old address of an account. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_changed(
            session, worker.sealer, UUID(change_id), worker.settings.address
        )
    await worker.send_unless_rejected(mail, "email_changed", change_id=change_id)


@tasks.task(name="send_phone_code", retry=FOR_A_DAY, pass_context=True)
async def send_phone_code(context: JobContext, challenge_id: str) -> None:
    """Send the message with a code. A retry sends another code, until the request has ended."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        message = await compose_code(session, worker.sealer, UUID(challenge_id))
    await worker.send_unless_rejected(message, "phone_code", challenge_id=challenge_id)
