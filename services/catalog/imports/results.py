"""Applies the rows of an import, each in a transaction with its result."""

from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.text.cleaning import clean_line
from models.catalog.imports import (
    MAX_MESSAGE_LENGTH,
    ImportColumn,
    ImportOutcome,
    ProductImport,
    ProductImportRow,
)
from models.catalog.variants import Sku, Variant
from models.errors import InvalidInput, Refusal
from models.identity.accounts import User
from models.members import Permission
from models.quotas import DailyAct
from models.validation import EMPTY
from models.vendors import Vendor
from services.catalog import products, variants
from services.catalog.access import access_managed_variant
from services.catalog.imports import cells
from services.catalog.imports.files import FileRow
from services.catalog.imports.imports import announce_import
from services.i18n import translate
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer

SKU = TypeAdapter[str](Sku)
ROWS_PER_ANNOUNCEMENT = 50


class DryRun(Exception):
    """Rolls the transaction of a row back, which would have this outcome."""

    def __init__(self, outcome: ImportOutcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


async def import_row(session: AsyncSession, import_id: UUID, row: FileRow) -> None:
    """Apply a row and record its result, unless it has one already.

    The import is locked, so that two runs of its job do no row twice. Raises `DryRun` with the
    outcome if nothing is to be changed, and the refusals of the mutations.
    """
    imported = await _lock_unfinished(session, import_id, row)
    if imported is None:
        return
    outcome = await _apply(session, Viewer(imported.user_id), imported.vendor_id, row)
    await session.flush()
    if imported.dry_run:
        raise DryRun(outcome)
    _record(session, imported, row, outcome)


async def record_outcome(
    session: AsyncSession, import_id: UUID, row: FileRow, outcome: ImportOutcome
) -> None:
    """Record what a row would do."""
    imported = await _lock_unfinished(session, import_id, row)
    if imported is not None:
        _record(session, imported, row, outcome)


async def record_refusal(
    session: AsyncSession, import_id: UUID, row: FileRow, refusal: Refusal
) -> None:
    """Record why a row was refused, in the language of the user who imports."""
    imported = await _lock_unfinished(session, import_id, row)
    if imported is None:
        return
    user = await session.get_one(User, imported.user_id)
    message = clean_line(translate(refusal, [user.locale]))[:MAX_MESSAGE_LENGTH].rstrip()
    _record(
        session,
        imported,
        row,
        ImportOutcome.REFUSED,
        code=refusal.code,
        message=message,
        column_name=cells.column_of(refusal.field),
    )


async def _lock_unfinished(
    session: AsyncSession, import_id: UUID, row: FileRow
) -> ProductImport | None:
    """Return an import, locked, that is not over and has no result of a row."""
    imported = await session.exec(
        for_change(select(ProductImport).where(ProductImport.id == import_id))
    )
    found = imported.first()
    if found is None or found.over:
        return None
    done = select(ProductImportRow.id).where(
        ProductImportRow.import_id == import_id, ProductImportRow.number == row.number
    )
    return None if (await session.exec(done)).first() else found


async def _apply(
    session: AsyncSession, viewer: Viewer, vendor_id: UUID, row: FileRow
) -> ImportOutcome:
    if row.too_long:
        raise InvalidInput("This row has more cells than the first row.")
    if ImportColumn.SKU not in row.cells:
        raise InvalidInput(EMPTY, field=["sku"])
    if row.repeats:
        raise InvalidInput("An earlier row has this SKU. Keep one of them.", field=["sku"])
    sku = _valid_sku(row)
    variant_id = await _find_variant(session, vendor_id, sku)
    if variant_id is None:
        permission = Permission.EDIT_PRODUCTS
        vendor = await access_vendor(session, viewer, vendor_id, permission, change=True)
        # Another import may have created it before the lock.
        variant_id = await _find_variant(session, vendor_id, sku)
        if variant_id is None:
            return await _create(session, viewer, vendor, row)
    return await _update(session, viewer, variant_id, row)


async def _find_variant(session: AsyncSession, vendor_id: UUID, sku: str | None) -> UUID | None:
    rows = select(Variant.id).where(Variant.vendor_id == vendor_id, Variant.sku == sku)
    return None if sku is None else (await session.exec(rows)).first()


async def _create(
    session: AsyncSession, viewer: Viewer, vendor: Vendor, row: FileRow
) -> ImportOutcome:
    draft = cells.variant_draft(row.cells, vendor)
    product = await products.add_product(
        session, vendor, cells.product_draft(row.cells, vendor), None
    )
    await variants.create_variants(session, viewer, product, [draft])
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_PRODUCT)
    return ImportOutcome.CREATED


async def _update(
    session: AsyncSession, viewer: Viewer, variant_id: UUID, row: FileRow
) -> ImportOutcome:
    """Change a variant and its product, if a value differs. Cells that are empty change nothing."""
    product, variant = await access_managed_variant(session, viewer, variant_id)
    product.ensure_editable()
    of_product = cells.product_patch(row.cells, product)
    of_variant = cells.variant_patch(row.cells, product.currency)
    changes_product = _differs(product, of_product.values())
    changes_variant = _differs(variant, of_variant.values())
    if changes_product:
        await products.update_product(session, viewer, product_id=product.id, patch=of_product)
    if changes_variant:
        await variants.update_variant(session, viewer, variant_id=variant_id, patch=of_variant)
    changed = changes_product or changes_variant
    return ImportOutcome.UPDATED if changed else ImportOutcome.UNCHANGED


def _differs(row: object, values: dict[str, Any]) -> bool:
    return any(getattr(row, name) != value for name, value in values.items())


def _record(
    session: AsyncSession,
    imported: ProductImport,
    row: FileRow,
    outcome: ImportOutcome,
    **refusal: Any,
) -> None:
    imported.count(outcome)
    if not row.number % ROWS_PER_ANNOUNCEMENT:
        announce_import(session, imported)
    session.add(
        ProductImportRow(
            import_id=imported.id,
            number=row.number,
            sku=_valid_sku(row),
            outcome=outcome,
            **refusal,
        )
    )


def _valid_sku(row: FileRow) -> str | None:
    try:
        return SKU.validate_python(row.cells.get(ImportColumn.SKU))
    except ValidationError:
        return None
