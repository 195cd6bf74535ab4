"""Jobs of disputes."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from core.media.file_types import UnacceptableFile, UploadRejectionReason
from core.media.sandbox import merge_in_sandbox
from gateways.payments.errors import ProviderRefused
from gateways.storage.base import ObjectStorage
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY
from services.disputes import deadlines, files, polling

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="upload_dispute_files", retry=FOR_A_DAY, pass_context=True)
async def upload_dispute_files(context: JobContext, dispute_id: str) -> None:
    """Upload the files of evidence to the provider as one document, then have the answer sent.

    A document that is uploaded twice is used once. Files that cannot be merged, or that the
    provider refuses, do not keep the bank from getting the answer.
    """
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        wanted = await files.find_document(session, UUID(dispute_id))
    if wanted is None:
        return
    try:
        document = await merge_in_sandbox(await _read(worker.objects, wanted.keys))
        reference = await worker.payments[wanted.provider].upload_evidence(
            wanted.reference, document
        )
    except (UnacceptableFile, ProviderRefused) as error:
        log.error("dispute.file_not_sent", dispute_id=dispute_id, error=str(error))
        reference = None
    async with worker.transactions.begin() as session:
        await files.send_with_file(session, wanted, reference)


async def _read(objects: ObjectStorage, keys: Sequence[tuple[str, int]]) -> list[bytes]:
    """Return the content of files. Raises `UnacceptableFile` for one that is missing."""
    contents = []
    for key, size in keys:
        content = await objects.read(key, size)
        if content is None:
            raise UnacceptableFile(UploadRejectionReason.DAMAGED)
        contents.append(content)
    return contents


@tasks.periodic(cron="*/10 * * * *")
@tasks.task(name="follow_disputes", queueing_lock="follow_disputes", pass_context=True)
async def follow_disputes(context: JobContext, timestamp: int) -> None:
    """Ask the providers for open disputes, then remind, escalate and answer what is due."""
    worker = WorkerContext.of(context)
    while await polling.poll_disputes(worker.transactions.begin, worker.payments):
        pass
    while await deadlines.follow_deadlines(worker.transactions.begin):
        pass
