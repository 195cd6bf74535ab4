"""License keys: imported and removed by members of the vendor, as the stock of a variant."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import for_change
from core.security.sealed import Sealer
from models.catalog.products import ProductKind
from models.catalog.variants import Variant
from models.downloads.keys import (
    KEY_COLUMN,
    LICENSE_KEY,
    MAX_KEYS,
    KeyImport,
    LicenseKey,
    LicenseKeyInUse,
    LicenseKeyLimitReached,
    LicenseKeyTaken,
)
from models.errors import InvalidInput
from models.members import Permission
from models.stock.levels import InsufficientStock, MovementKind, Stock, StockMovement
from services import idempotency
from services.catalog.access import access_managed_variant
from services.downloads.selling.pools import has_keys
from services.stock.access import read_stock
from services.stock.levels import UnitChange, change_stock
from services.vendors.access import access_vendor
from services.viewer import Viewer

NOT_DIGITAL = "Only variants of digital products have license keys."
NOT_COUNTED = "Have the stock of this variant kept first, and count it to 0: its keys become it."


async def import_license_keys(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    given: KeyImport,
    *,
    variant_id: UUID,
    idempotency_key: str,
) -> Variant:
    """Add keys to a variant, once per idempotency key. Each is a unit of its stock.

    Raises `LicenseKeyTaken`, `LicenseKeyLimitReached` and `InvalidInput`.
    """
    lookups = [sealer.lookup(LICENSE_KEY, key) for key in given.keys]
    claimed = await idempotency.claim(
        session,
        viewer,
        "importLicenseKeys",
        idempotency_key,
        variant_id=variant_id,
        keys=[lookup.oldest.hex() for lookup in lookups],
    )
    product, variant = await access_managed_variant(session, viewer, variant_id)
    await access_vendor(session, viewer, variant.vendor_id, Permission.EDIT_STOCK)
    if claimed.replayed:
        return variant
    product.ensure_editable()
    if product.kind is not ProductKind.DIGITAL:
        raise InvalidInput(NOT_DIGITAL, field=["variantId"])
    await _ensure_pool(session, variant)
    if len({lookup.oldest for lookup in lookups}) < len(lookups):
        raise LicenseKeyTaken(field=["keys"])
    for key, lookup in zip(given.keys, lookups, strict=True):
        row = LicenseKey(
            variant_id=variant.id,
            vendor_id=variant.vendor_id,
            key=b"",
            key_lookup=lookup.oldest,
            next_key_lookup=lookup.newest,
        )
        row.key = sealer.seal(KEY_COLUMN, row.id, key.encode())
        session.add(row)
    await session.flush()
    await _move(session, viewer, variant.id, MovementKind.RECEIVED, len(lookups))
    await idempotency.record_result(session, claimed, variant.id)
    return variant


async def remove_license_keys(
    session: AsyncSession, viewer: Viewer, *, variant_id: UUID, key_ids: Sequence[UUID]
) -> Variant:
    """Remove keys that are free, such as keys of a wrong file. Raises `LicenseKeyInUse`.

    The stock comes first: it is refused if orders have reserved these units. Keys that an order
    takes right now are skipped, not waited for, because that order waits for the stock.
    """
    _, variant = await access_managed_variant(session, viewer, variant_id)
    await access_vendor(session, viewer, variant.vendor_id, Permission.EDIT_STOCK)
    wanted = set(key_ids)
    try:
        await _move(session, viewer, variant_id, MovementKind.LOST, -len(wanted))
    except InsufficientStock as error:
        raise LicenseKeyInUse from error
    rows = select(LicenseKey.id).where(
        LicenseKey.variant_id == variant_id,
        col(LicenseKey.id).in_(wanted),
        col(LicenseKey.line_id).is_(None),
    )
    free = (await session.exec(for_change(rows, skip_locked=True))).all()
    if len(free) < len(wanted):
        raise LicenseKeyInUse
    await session.exec(delete(LicenseKey).where(col(LicenseKey.id).in_(free)))
    return variant


def open_key(sealer: Sealer, key: LicenseKey) -> str:
    return sealer.open(KEY_COLUMN, key.id, key.key).decode()


async def _ensure_pool(session: AsyncSession, variant: Variant) -> None:
    """Raise a refusal unless the keys of a variant are, or can become, its stock."""
    counted = select(func.count()).where(col(LicenseKey.variant_id) == variant.id)
    if (await session.exec(counted)).one() >= MAX_KEYS:
        raise LicenseKeyLimitReached(most=MAX_KEYS)
    if await has_keys(session, [variant.id]):
        return
    stock: Stock = await read_stock(session, variant.id)
    if not variant.tracks_stock or stock.on_hand:
        raise InvalidInput(NOT_COUNTED, field=["variantId"])


async def _move(
    session: AsyncSession, viewer: Viewer, variant_id: UUID, kind: MovementKind, units: int
) -> None:
    rows = await change_stock(session, {variant_id: UnitChange(came=units)})
    session.add(
        StockMovement(
            variant_id=variant_id,
            kind=kind,
            quantity=units,
            on_hand=rows[variant_id]["on_hand"],
            user_id=viewer.user_id,
        )
    )
