"""Access to stock, for the members of its vendor alone."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.keyset import Listing, Ordering, newest_first
from models.catalog.variants import Variant
from models.errors import NotFound
from models.members import Permission
from models.stock.levels import Stock, StockMovement
from services.journal.topics import vendor_topic
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def visible_stock(viewer: Viewer) -> SelectOfScalar[Stock]:
    """Select the stock of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Stock)
    own = works_at(viewer.staff, col(Variant.vendor_id), Permission.SEE_STOCK)
    return select(Stock).where(col(Stock.variant_id).in_(select(Variant.id).where(own)))


def visible_movements(viewer: Viewer) -> SelectOfScalar[StockMovement]:
    """Select the movements of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(StockMovement)
    own = works_at(viewer.staff, col(Variant.vendor_id), Permission.SEE_STOCK)
    return select(StockMovement).where(
        col(StockMovement.variant_id).in_(select(Variant.id).where(own))
    )


def list_stock(vendor_id: UUID, *, low: bool = False) -> Listing[Stock]:
    """List the stock of a vendor by SKU, that of retired variants too."""
    rows = select(Stock).join(Variant, col(Variant.id) == Stock.variant_id)
    rows = rows.where(Variant.vendor_id == vendor_id)
    if low:
        rows = rows.where(
            col(Variant.tracks_stock), Stock.on_hand - col(Stock.reserved) <= col(Stock.low_at)
        )
    ordering = Ordering("stock.sku", Variant.sku, Stock.id, str)
    return Listing(rows, ordering, topics=[vendor_topic(vendor_id)])


def list_movements(variant_id: UUID) -> Listing[StockMovement]:
    """List the movements of a variant, the newest first."""
    rows = select(StockMovement).where(StockMovement.variant_id == variant_id)
    return Listing(rows, newest_first(StockMovement))


async def access_stock(
    session: AsyncSession, viewer: Viewer, variant_id: UUID
) -> tuple[Variant, Stock]:
    """Return a variant and its stock, which the viewer may change. The vendor is locked shared."""
    viewer.require_user()
    variant = (await session.exec(select(Variant).where(Variant.id == variant_id))).first()
    if variant is None:
        raise NotFound
    await access_vendor(session, viewer, variant.vendor_id, Permission.EDIT_STOCK)
    return variant, await read_stock(session, variant_id)


async def read_stock(session: AsyncSession, variant_id: UUID) -> Stock:
    """Return the stock of a variant as it is now."""
    rows = select(Stock).where(Stock.variant_id == variant_id)
    return (await session.exec(rows.execution_options(populate_existing=True))).one()


async def ensure_of_vendor(
    session: AsyncSession, vendor_id: UUID, variant_ids: Sequence[UUID]
) -> None:
    """Raise `NotFound` with the path of the first variant that is not the vendor's."""
    rows = select(Variant.id).where(
        Variant.vendor_id == vendor_id, col(Variant.id).in_(variant_ids)
    )
    found: Collection[Any] = set((await session.exec(rows)).all())
    for place, id in enumerate(variant_ids):
        if id not in found:
            raise NotFound(field=["lines", str(place), "variantId"])
