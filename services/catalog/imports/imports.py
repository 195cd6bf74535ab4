"""Imports of products: asked for, run by a job, and listed with the results of their rows."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, Ordering, newest_first
from models.catalog.imports import (
    IMPORT_DAYS,
    ImportFailure,
    ImportState,
    ProductImport,
    ProductImportRow,
    ensure_importable,
)
from models.errors import NotFound
from models.identity.accounts import User
from models.members import Permission
from models.notifications.inbox import NotificationKind
from models.quotas import DailyAct
from models.uploads import Upload
from services import idempotency, jobs
from services.catalog.entries import ProductImportChanged
from services.catalog.imports.files import FileRow
from services.cleanup_tasks import delete_old_rows
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.notifications import inbox
from services.quotas import ensure_within_quota
from services.uploads.uploads import access_upload, release_upload
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_imports(viewer: Viewer) -> SelectOfScalar[ProductImport]:
    """Select the imports of vendors whose products the viewer can edit. Admins see all."""
    if viewer.admin:
        return select(ProductImport)
    own = works_at(viewer.staff, col(ProductImport.vendor_id), Permission.EDIT_PRODUCTS)
    return select(ProductImport).where(own)


def visible_results(viewer: Viewer) -> SelectOfScalar[ProductImportRow]:
    """Select the results of the rows of these imports."""
    ids = visible_imports(viewer).with_only_columns(col(ProductImport.id))
    return select(ProductImportRow).where(col(ProductImportRow.import_id).in_(ids))


def list_imports(vendor_id: UUID) -> Listing[ProductImport]:
    """List the imports of a vendor, the newest first."""
    rows = select(ProductImport).where(ProductImport.vendor_id == vendor_id)
    return Listing(rows, newest_first(ProductImport), topics=[vendor_topic(vendor_id)])


def list_results(import_id: UUID) -> Listing[ProductImportRow]:
    """List the results of an import in the order of the file."""
    rows = select(ProductImportRow).where(ProductImportRow.import_id == import_id)
    number = Ordering(
        "product_import_row.number", ProductImportRow.number, ProductImportRow.id, int
    )
    return Listing(rows, number)


async def import_products(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    upload_id: UUID,
    dry_run: bool,
    idempotency_key: str,
) -> ProductImport:
    """Have a job import a file, once per idempotency key.

    A dry run does not use the upload up, so that the same file can be imported afterwards.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "importProducts",
        idempotency_key,
        vendor_id=vendor_id,
        upload_id=upload_id,
        dry_run=dry_run,
    )
    if claimed.replayed:
        return await _access_import(session, viewer, claimed.replayed)
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_PRODUCTS)
    upload = await access_upload(session, viewer, upload_id, change=True)
    ensure_importable(upload)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.PRODUCT_IMPORT)
    if not dry_run:
        upload.attached_at = now()
    imported = ProductImport(
        vendor_id=vendor_id, user_id=viewer.require_user(), upload_id=upload_id, dry_run=dry_run
    )
    session.add(imported)
    announce_import(session, imported)
    await jobs.defer(session, "import_products", import_id=imported.id)
    await idempotency.record_result(session, claimed, imported.id)
    return imported


async def _access_import(session: AsyncSession, viewer: Viewer, import_id: UUID) -> ProductImport:
    rows = visible_imports(viewer).where(ProductImport.id == import_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    return found


async def find_file(session: AsyncSession, import_id: UUID) -> str | None:
    """Return the key of the file of an import, or None if it was deleted."""
    imported = await session.get_one(ProductImport, import_id)
    upload = await session.get(Upload, imported.upload_id)
    return None if upload is None or upload.expired else upload.key


async def is_over(session: AsyncSession, import_id: UUID) -> bool:
    imported = await session.get(ProductImport, import_id)
    return imported is None or imported.over


async def start_import(session: AsyncSession, import_id: UUID, rows: list[FileRow]) -> bool:
    """Record the number of rows. Return False if the import is over, or the right has ended."""
    imported = await _lock(session, import_id)
    if imported.over:
        return False
    try:
        await access_vendor(
            session, Viewer(imported.user_id), imported.vendor_id, Permission.EDIT_PRODUCTS
        )
    except NotFound:
        await _end(session, imported, ImportFailure.NOT_PERMITTED)
        return False
    imported.state, imported.row_count = ImportState.RUNNING, len(rows)
    announce_import(session, imported)
    return True


async def finish_import(
    session: AsyncSession, import_id: UUID, failure: ImportFailure | None = None
) -> None:
    """End an import. Its file is deleted, unless it was a dry run."""
    imported = await _lock(session, import_id)
    if not imported.over:
        await _end(session, imported, failure)


async def _end(
    session: AsyncSession, imported: ProductImport, failure: ImportFailure | None
) -> None:
    imported.state = ImportState.FAILED if failure else ImportState.DONE
    imported.failure, imported.finished_at = failure, now()
    announce_import(session, imported)
    if not imported.dry_run:
        await release_upload(session, imported.upload_id)
    user = await session.get_one(User, imported.user_id)
    if not user.is_erased:
        kind = NotificationKind.PRODUCTS_IMPORTED
        await inbox.notify(session, user.id, kind, imported.id)


def announce_import(session: AsyncSession, imported: ProductImport) -> None:
    entry = ProductImportChanged(imported.id)
    journal.append(session, entry, to=[vendor_topic(imported.vendor_id)])


async def _lock(session: AsyncSession, import_id: UUID) -> ProductImport:
    rows = select(ProductImport).where(ProductImport.id == import_id)
    return (await session.exec(for_change(rows))).one()


async def fail_lost_import(session: AsyncSession, journal_days: int) -> bool:
    """End an import whose job failed for good, such as one that stopped its worker five times.

    Returns whether there was one.
    """
    import_id = await session.scalar(LOST)
    if import_id is not None:
        await finish_import(session, import_id, ImportFailure.INTERRUPTED)
    return import_id is not None


LOST = text(
    """
    SELECT id FROM product_import WHERE finished_at IS NULL AND NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing')
        AND args->>'import_id' = CAST(product_import.id AS text)
    ) LIMIT 1
    """
).bindparams(task=jobs.task_name("import_products"))
CLEANUP = [
    fail_lost_import,
    delete_old_rows(
        """
        DELETE FROM product_import_row WHERE id IN (
            SELECT one.id FROM product_import_row AS one
            JOIN product_import AS whole ON whole.id = one.import_id
            WHERE whole.created_at < :before LIMIT :batch
        ) RETURNING id
        """,
        IMPORT_DAYS,
    ),
    delete_old_rows(
        """
        DELETE FROM product_import WHERE id IN (
            SELECT whole.id FROM product_import AS whole
            WHERE whole.created_at < :before
            AND NOT EXISTS (SELECT FROM product_import_row WHERE import_id = whole.id)
            LIMIT :batch
        ) RETURNING id
        """,
        IMPORT_DAYS,
    ),
]
