"""Jobs of exports and erasures of accounts."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from procrastinate import Blueprint, JobContext

from jobs.context import WorkerContext
from jobs.privacy.archives import Archive
from jobs.privacy.erasures import Eraser
from jobs.retries import FOR_A_DAY, HOURLY_FOR_TWO_WEEKS
from models.privacy import export_key
from services.privacy import exports
from services.privacy.deletion_mail import compose_deletion
from services.privacy.export_mail import compose_export

tasks = Blueprint()


@tasks.task(name="make_export", retry=FOR_A_DAY, pass_context=True)
async def make_export(context: JobContext, export_id: str) -> None:
    """Make the file of an export. A retry makes it again."""
    worker, id = WorkerContext.of(context), UUID(export_id)
    async with worker.transactions.begin() as session:
        export = await exports.find_unfinished(session, id)
    if export is None:
        return
    with TemporaryDirectory(prefix="haat-export-") as folder:
        path = Path(folder) / "export.zip"
        await Archive.write(
            path, worker.transactions.begin, worker.objects, worker.sealer, export.user_id
        )
        size = (await asyncio.to_thread(path.stat)).st_size
        await worker.objects.write_file(export_key(id), path, exports.DOWNLOAD.content_type)
    async with worker.transactions.begin() as session:
        finished = await exports.finish_export(session, id, size)
    if not finished:
        await worker.objects.remove(export_key(id))


@tasks.task(name="send_export", retry=FOR_A_DAY, pass_context=True)
async def send_export(context: JobContext, export_id: str) -> None:
    """Send the link of an export. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mail = await compose_export(
            session, worker.sealer, UUID(export_id), worker.settings.address
        )
    await worker.send_unless_rejected(mail, "export", export_id=export_id)


@tasks.task(name="remove_export", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def remove_export(context: JobContext, export_id: str) -> None:
    """Remove the object of an export that has ended."""
    worker, id = WorkerContext.of(context), UUID(export_id)
    async with worker.transactions.begin() as session:
        over = await exports.is_over(session, id)
    if over:
        await worker.objects.remove(export_key(id))


@tasks.task(name="send_account_deletion", retry=FOR_A_DAY, pass_context=True)
async def send_account_deletion(context: JobContext, deletion_id: str) -> None:
    """Send the mails about a deletion. A retry sends another link."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        mails = await compose_deletion(
            session, worker.sealer, UUID(deletion_id), worker.settings.address
        )
    for mail in mails:
        await worker.send_unless_rejected(mail, "account_deletion", deletion_id=deletion_id)


@tasks.task(name="erase_account", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def erase_account(context: JobContext, user_id: str) -> None:
    """Erase an account, if its deletion was not cancelled. A retry continues."""
    worker = WorkerContext.of(context)
    await Eraser(worker.transactions.begin, worker.objects).erase_due(UUID(user_id))
