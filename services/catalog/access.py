"""Access to products and their variants, for all and for the members of their vendors."""

from typing import Any
from uuid import UUID

from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import for_change
from models.catalog.products import Product, ProductState
from models.catalog.variants import Variant, VariantState
from models.errors import NotFound
from models.members import Permission
from models.vendors import Vendor, VendorStatus
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer


def live_products() -> SelectOfScalar[Product]:
    """Select public products: published by an approved vendor."""
    approved = select(Vendor.id).where(Vendor.status == VendorStatus.APPROVED)
    return select(Product).where(
        Product.state == ProductState.PUBLISHED, col(Product.vendor_id).in_(approved)
    )


def visible_products(viewer: Viewer) -> SelectOfScalar[Product]:
    """Select live products, and all products of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Product)
    live = live_products()
    if viewer.user_id is None or live.whereclause is None:
        return live
    own = works_at(viewer.staff, col(Product.vendor_id), Permission.SEE_PRODUCTS)
    return select(Product).where(or_(and_(live.whereclause), own))


def visible_variants(viewer: Viewer) -> SelectOfScalar[Variant]:
    """Select active variants of live products, and all of the viewer's vendors. Admins see all."""
    if viewer.admin:
        return select(Variant)
    ids: Any = live_products().with_only_columns(col(Product.id))
    live = and_(Variant.state == VariantState.ACTIVE, col(Variant.product_id).in_(ids))
    if viewer.user_id is None:
        return select(Variant).where(live)
    own = works_at(viewer.staff, col(Variant.vendor_id), Permission.SEE_PRODUCTS)
    return select(Variant).where(or_(live, own))


async def access_product(session: AsyncSession, viewer: Viewer, product_id: UUID) -> Product:
    rows = visible_products(viewer).where(Product.id == product_id)
    product = (await session.exec(rows)).first()
    if product is None:
        raise NotFound
    return product


async def access_variant(session: AsyncSession, viewer: Viewer, variant_id: UUID) -> Variant:
    rows = visible_variants(viewer).where(Variant.id == variant_id)
    variant = (await session.exec(rows)).first()
    if variant is None:
        raise NotFound
    return variant


async def access_managed_product(
    session: AsyncSession, viewer: Viewer, product_id: UUID
) -> Product:
    """Return a product that the viewer manages, locked. The vendor is locked shared."""
    viewer.require_user()  # before the row is looked up, so an anonymous caller learns nothing
    rows = select(Product.vendor_id).where(Product.id == product_id)
    vendor_id = (await session.exec(rows)).first()
    if vendor_id is None:
        raise NotFound
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_PRODUCTS)
    return await lock_product(session, product_id)


async def lock_product(session: AsyncSession, product_id: UUID) -> Product:
    rows = select(Product).where(Product.id == product_id)
    return (await session.exec(for_change(rows))).one()


async def access_managed_variant(
    session: AsyncSession, viewer: Viewer, variant_id: UUID
) -> tuple[Product, Variant]:
    """Return a variant that the viewer manages, and its product, which is locked.

    Whatever changes a variant locks its product first.
    """
    viewer.require_user()
    rows = select(Variant.product_id).where(Variant.id == variant_id)
    product_id = (await session.exec(rows)).first()
    if product_id is None:
        raise NotFound
    product = await access_managed_product(session, viewer, product_id)
    variants = select(Variant).where(Variant.id == variant_id)
    return product, (await session.exec(for_change(variants))).one()
