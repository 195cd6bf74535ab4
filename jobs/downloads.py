"""Jobs of digital goods."""

import hashlib
from uuid import UUID

import structlog
from procrastinate import Blueprint, JobContext

from core.media.file_types import JPEG, UnacceptableFile
from core.media.sandbox import make_preview_in_sandbox, mark_in_sandbox
from gateways.storage.base import ObjectStorage
from jobs.context import WorkerContext
from jobs.retries import FOR_A_DAY, HOURLY_FOR_TWO_WEEKS
from models.downloads.assets import DigitalAsset, preview_prefix
from models.downloads.grants import copies_prefix, copy_key
from services.downloads.rights import delivering
from services.downloads.selling import checking
from services.downloads.selling.checking import CheckedAsset
from services.downloads.serving import copies
from services.downloads.serving.copies import WantedCopy

TRIAL_MARK = "A. B. · a***@example.com · 00000000"

tasks = Blueprint()
log = structlog.get_logger(__name__)


@tasks.task(name="deliver_files", retry=FOR_A_DAY, pass_context=True)
async def deliver_files(context: JobContext, order_id: str) -> None:
    """Deliver the digital lines of a confirmed order, and have its copies marked."""
    worker = WorkerContext.of(context)
    async with worker.transactions.begin() as session:
        await delivering.deliver_files(session, UUID(order_id), worker.settings.return_days)


@tasks.task(name="check_asset", retry=FOR_A_DAY, pass_context=True)
async def check_asset(context: JobContext, asset_id: str, version: int) -> None:
    """Make the public preview of a file, and a trial of its mark."""
    worker, id = WorkerContext.of(context), UUID(asset_id)
    async with worker.transactions.begin() as session:
        asset = await checking.find_asset(session, id, version)
    if asset is None:
        return
    checked = await _check(worker.objects, asset)
    async with worker.transactions.begin() as session:
        await checking.record_check(session, checked)
    await _tidy_previews(worker, id)


@tasks.task(name="mark_copy", retry=FOR_A_DAY, pass_context=True)
async def mark_copy(context: JobContext, grant_id: str) -> None:
    """Make the copy of a file with the mark of its buyer. A second run makes none.

    A file that cannot be marked, although its trial succeeded, is served as it is: it is paid.
    """
    worker, id = WorkerContext.of(context), UUID(grant_id)
    async with worker.transactions.begin() as session:
        wanted = await copies.find_wanted(session, worker.sealer, id)
    if wanted is not None:
        await _make_copy(worker, wanted)
    await _tidy_copies(worker, id)  # the right may have ended while the copy was made


async def _make_copy(worker: WorkerContext, wanted: WantedCopy) -> None:
    marked = await _mark(worker.objects, wanted.object_key, wanted.size, wanted.text)
    if marked is not None:
        key = copy_key(wanted.grant_id, wanted.version)
        await worker.objects.write(key, marked, "application/octet-stream")
    async with worker.transactions.begin() as session:
        await copies.record_copy(session, wanted, made=marked is not None)


@tasks.task(name="tidy_copies", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def tidy_copies(context: JobContext, grant_id: str) -> None:
    """Remove the copies of a right that was revoked."""
    await _tidy_copies(WorkerContext.of(context), UUID(grant_id))


async def _tidy_copies(worker: WorkerContext, id: UUID) -> None:
    async with worker.transactions.begin() as session:
        keep = await copies.may_keep_copies(session, id)
    if not keep:
        await worker.objects.remove(copies_prefix(id))


@tasks.task(name="tidy_asset", retry=HOURLY_FOR_TWO_WEEKS, pass_context=True)
async def tidy_asset(context: JobContext, asset_id: str) -> None:
    """Remove the preview of a file that is gone."""
    await _tidy_previews(WorkerContext.of(context), UUID(asset_id))


async def _tidy_previews(worker: WorkerContext, asset_id: UUID) -> None:
    async with worker.transactions.begin() as session:
        kept = await checking.find_kept_preview(session, asset_id)
    await worker.objects.remove(preview_prefix(asset_id), keep=kept)


async def _check(objects: ObjectStorage, asset: DigitalAsset) -> CheckedAsset:
    """Try what is made of a file. What fails is left out: the worker goes on."""
    file, preview = await objects.read(asset.object_key, asset.size), None
    if file is not None and asset.can_be_previewed:
        try:
            preview = await make_preview_in_sandbox(file)
        except UnacceptableFile as error:
            log.warning("preview.failed", asset_id=str(asset.id), error=repr(error))
    sha256 = None if preview is None else hashlib.sha256(preview).hexdigest()
    if preview is not None:
        await objects.write(f"{preview_prefix(asset.id)}{sha256}", preview, JPEG)
    trial = asset.is_marked and await _mark(objects, asset.object_key, asset.size, TRIAL_MARK)
    return CheckedAsset(asset.id, asset.version, sha256, can_be_marked=bool(trial))


async def _mark(objects: ObjectStorage, key: str, size: int, text: str) -> bytes | None:
    """Return a marked copy. None if none can be made. Raises `SandboxUnavailable`."""
    try:
        file = await objects.read(key, size)
        if file is None:
            raise FileNotFoundError(key)
        return await mark_in_sandbox(file, text)
    except (UnacceptableFile, FileNotFoundError) as error:
        log.warning("mark.failed", key=key, error=repr(error))
        return None
