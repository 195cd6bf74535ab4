"""Imports of offers: asked for, run by a job, and listed with the results of their rows."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, Ordering, newest_first
from models.catalog.imports import IMPORT_DAYS, ImportOutcome, ImportState
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.offers.imports import (
    ImportNotChecked,
    OfferImport,
    OfferImportFailure,
    OfferImportRow,
    ensure_file_of_offers,
)
from models.quotas import DailyAct
from models.uploads import Upload
from services import idempotency, jobs
from services.cleanup_tasks import delete_old_rows
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.notifications import inbox
from services.offers.entries import OfferImportChanged
from services.quotas import ensure_within_quota
from services.uploads.uploads import access_upload, release_upload
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_imports(viewer: Viewer) -> SelectOfScalar[OfferImport]:
    """Select the imports of vendors whose offers the viewer can edit. Admins see all."""
    if viewer.admin:
        return select(OfferImport)
    own = works_at(viewer.staff, col(OfferImport.vendor_id), Permission.EDIT_OFFERS)
    return select(OfferImport).where(own)


def visible_results(viewer: Viewer) -> SelectOfScalar[OfferImportRow]:
    """Select the results of the rows of these imports."""
    ids = visible_imports(viewer).with_only_columns(col(OfferImport.id))
    return select(OfferImportRow).where(col(OfferImportRow.import_id).in_(ids))


def list_imports(vendor_id: UUID) -> Listing[OfferImport]:
    """List the imports of a vendor, the newest first."""
    rows = select(OfferImport).where(OfferImport.vendor_id == vendor_id)
    return Listing(rows, newest_first(OfferImport), topics=[vendor_topic(vendor_id)])


def list_results(import_id: UUID, outcome: ImportOutcome | None = None) -> Listing[OfferImportRow]:
    """List the results of an import, or those of one outcome, in the order of the file."""
    rows = select(OfferImportRow).where(OfferImportRow.import_id == import_id)
    if outcome is not None:
        rows = rows.where(OfferImportRow.outcome == outcome)
    number = Ordering("offer_import_row.number", OfferImportRow.number, OfferImportRow.id, int)
    return Listing(rows, number)


async def import_offers(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    upload_id: UUID,
    dry_run: bool,
    idempotency_key: str,
) -> OfferImport:
    """Have a job import a file, once per idempotency key.

    A dry run does not use the upload up, and comes first. Raises `ImportNotChecked`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "importOffers",
        idempotency_key,
        vendor_id=vendor_id,
        upload_id=upload_id,
        dry_run=dry_run,
    )
    if claimed.replayed:
        return await access_import(session, viewer, claimed.replayed)
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_OFFERS)
    upload = await access_upload(session, viewer, upload_id, change=True)
    ensure_file_of_offers(upload)
    if not dry_run:
        await _ensure_checked(session, vendor_id, upload_id)
        upload.attached_at = now()
    await ensure_within_quota(session, viewer.require_user(), DailyAct.OFFER_IMPORT)
    imported = OfferImport(
        vendor_id=vendor_id, user_id=viewer.require_user(), upload_id=upload_id, dry_run=dry_run
    )
    session.add(imported)
    announce_import(session, imported)
    await jobs.defer(session, "import_offers", import_id=imported.id)
    await idempotency.record_result(session, claimed, imported.id)
    return imported


async def _ensure_checked(session: AsyncSession, vendor_id: UUID, upload_id: UUID) -> None:
    rows = select(OfferImport.id).where(
        OfferImport.upload_id == upload_id,
        OfferImport.vendor_id == vendor_id,
        OfferImport.dry_run,
        OfferImport.state == ImportState.DONE,
    )
    if (await session.exec(rows.limit(1))).first() is None:
        raise ImportNotChecked


async def access_import(session: AsyncSession, viewer: Viewer, import_id: UUID) -> OfferImport:
    rows = visible_imports(viewer).where(OfferImport.id == import_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found


async def find_file(session: AsyncSession, import_id: UUID) -> str | None:
    """Return the key of the file of an import, or None if it was deleted."""
    imported = await session.get_one(OfferImport, import_id)
    upload = await session.get(Upload, imported.upload_id)
    return None if upload is None or upload.expired else upload.key


async def is_over(session: AsyncSession, import_id: UUID) -> bool:
    imported = await session.get(OfferImport, import_id)
    return imported is None or imported.over


async def start_import(session: AsyncSession, import_id: UUID, row_count: int) -> bool:
    """Record the number of rows. Return False if the import is over."""
    imported = await lock_import(session, import_id)
    if not imported.over:
        imported.state, imported.row_count = ImportState.RUNNING, row_count
        announce_import(session, imported)
    return not imported.over


async def finish_import(
    session: AsyncSession, import_id: UUID, failure: OfferImportFailure | None = None
) -> None:
    """End an import. Its file is deleted, unless it was a dry run."""
    imported = await lock_import(session, import_id)
    if imported.over:
        return
    imported.state = ImportState.FAILED if failure else ImportState.DONE
    imported.failure, imported.finished_at = failure, now()
    announce_import(session, imported)
    if not imported.dry_run:
        await release_upload(session, imported.upload_id)
    user = await session.get_one(User, imported.user_id)
    if not user.is_erased:
        await inbox.notify(session, user.id, NotificationKind.OFFERS_IMPORTED, imported.id)


def announce_import(session: AsyncSession, imported: OfferImport) -> None:
    entry = OfferImportChanged(imported.id)
    journal.append(session, entry, to=[vendor_topic(imported.vendor_id)])


async def lock_import(session: AsyncSession, import_id: UUID) -> OfferImport:
    rows = select(OfferImport).where(OfferImport.id == import_id)
    return (await session.exec(for_change(rows))).one()


async def fail_lost_import(session: AsyncSession, journal_days: int) -> bool:
    """End an import whose job failed for good, such as one that stopped its worker five times.

    Returns whether there was one.
    """
    import_id = await session.scalar(LOST)
    if import_id is not None:
        await finish_import(session, import_id, OfferImportFailure.INTERRUPTED)
    return import_id is not None


LOST = text(
    """
    SELECT id FROM offer_import WHERE finished_at IS NULL AND NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')
        AND args->>'import_id' = CAST(offer_import.id AS text)
    ) LIMIT 1
    """
).bindparams(task=jobs.task_name("import_offers"))
CLEANUP = [
    fail_lost_import,
    delete_old_rows(
        """
        DELETE FROM offer_import_row WHERE id IN (
            SELECT one.id FROM offer_import_row AS one
            JOIN offer_import AS whole ON whole.id = one.import_id
            WHERE whole.created_at < :before LIMIT :batch
        ) RETURNING id
        """,
        IMPORT_DAYS,
    ),
    delete_old_rows(
        """
        DELETE FROM offer_import WHERE id IN (
            SELECT whole.id FROM offer_import AS whole
            WHERE whole.created_at < :before
            AND NOT EXISTS (SELECT FROM offer_import_row WHERE import_id = whole.id)
            LIMIT :batch
        ) RETURNING id
        """,
        IMPORT_DAYS,
    ),
]
