"""Access to files that are sold, to the rights of buyers, and to license keys."""

from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.database import exists_in, for_change
from core.keyset import Listing, newest_first
from models.catalog.products import Product
from models.catalog.variants import Variant
from models.downloads.assets import AssetState, DigitalAsset
from models.downloads.grants import Download, DownloadGrant
from models.downloads.keys import LicenseKey
from models.errors import NotFound
from models.members import Permission, may
from models.orders.orders import Order, SubOrder
from services.catalog.access import access_managed_product, visible_variants
from services.journal.topics import user_topic
from services.payments.recording import ensure_of_others
from services.vendors.access import access_vendor, find_member, works_at
from services.viewer import Viewer


def visible_assets(viewer: Viewer) -> SelectOfScalar[DigitalAsset]:
    """Select the files of what is sold, those that the viewer bought, and those of their vendors.

    Admins see all.
    """
    if viewer.admin:
        return select(DigitalAsset)
    seen = visible_variants(viewer).with_only_columns(col(Variant.id))
    offered = col(DigitalAsset.state).in_([AssetState.READY, AssetState.CHECKING])
    sold = and_(offered, col(DigitalAsset.variant_id).in_(seen))
    if viewer.user_id is None:
        return select(DigitalAsset).where(sold)
    bought = exists_in(
        DownloadGrant,
        col(DownloadGrant.asset_id) == col(DigitalAsset.id),
        col(DownloadGrant.user_id) == viewer.user_id,
    )
    own = works_at(viewer.staff, col(DigitalAsset.vendor_id), Permission.SEE_PRODUCTS)
    return select(DigitalAsset).where(or_(sold, bought, own))


def visible_grants(viewer: Viewer) -> SelectOfScalar[DownloadGrant]:
    """Select the viewer's rights, and those to files that their vendors have sold.

    Admins see all.
    """
    if viewer.admin:
        return select(DownloadGrant)
    return select(DownloadGrant).where(or_(DownloadGrant.user_id == viewer.user_id, _sold(viewer)))


def sold_grants(viewer: Viewer) -> SelectOfScalar[DownloadGrant]:
    """Select the rights to files that the viewer's vendors have sold. Admins see all."""
    if viewer.admin:
        return select(DownloadGrant)
    return select(DownloadGrant).where(_sold(viewer))


def _sold(viewer: Viewer) -> ColumnElement[bool]:
    return exists_in(
        SubOrder,
        col(SubOrder.id) == col(DownloadGrant.suborder_id),
        works_at(viewer.staff, col(SubOrder.vendor_id), Permission.SEE_ORDERS),
    )


def visible_downloads(viewer: Viewer) -> SelectOfScalar[Download]:
    """Select the uses of rights that the viewer's vendors have sold. Admins see all."""
    if viewer.admin:
        return select(Download)
    seen = sold_grants(viewer).with_only_columns(col(DownloadGrant.id))
    return select(Download).where(col(Download.grant_id).in_(seen))


def visible_keys(viewer: Viewer) -> SelectOfScalar[LicenseKey]:
    """Select the keys that the viewer bought, and those of their vendors. Admins see all.

    The text of a key is for its buyer alone.
    """
    if viewer.admin:
        return select(LicenseKey)
    if viewer.user_id is None:  # keys that are not sold have no user either
        return select(LicenseKey).where(false())
    own = works_at(viewer.staff, col(LicenseKey.vendor_id), Permission.SEE_STOCK)
    return select(LicenseKey).where(or_(LicenseKey.user_id == viewer.user_id, own))


def list_downloads(viewer: Viewer) -> Listing[DownloadGrant]:
    """List the files that the viewer has bought, the newest first."""
    user_id = viewer.require_user()
    rows = select(DownloadGrant).where(DownloadGrant.user_id == user_id)
    return Listing(rows, newest_first(DownloadGrant), topics=[user_topic(user_id)])


def list_attempts(viewer: Viewer, grant_id: UUID) -> Listing[Download]:
    """List the uses of a right, the newest first. Empty for all but the vendor's members."""
    viewer.require_user()
    rows = visible_downloads(viewer).where(Download.grant_id == grant_id)
    return Listing(rows, newest_first(Download))


def list_keys(viewer: Viewer, variant_id: UUID, *, free: bool | None) -> Listing[LicenseKey]:
    """List the keys of a variant for members of its vendor, the newest first."""
    viewer.require_user()
    rows = visible_keys(viewer).where(LicenseKey.variant_id == variant_id)
    if not viewer.admin:  # what the viewer bought is in their orders
        own = works_at(viewer.staff, col(LicenseKey.vendor_id), Permission.SEE_STOCK)
        rows = rows.where(own)
    if free is not None:
        is_free = col(LicenseKey.line_id).is_(None)
        rows = rows.where(is_free if free else ~is_free)
    return Listing(rows, newest_first(LicenseKey))


async def access_own_grant(
    session: AsyncSession, viewer: Viewer, grant_id: UUID
) -> tuple[DownloadGrant, DigitalAsset]:
    """Return a right of the viewer, with its file. Raises `NotFound`."""
    mine = DownloadGrant.user_id == viewer.require_user()
    rows = select(DownloadGrant).where(DownloadGrant.id == grant_id, mine)
    grant = (await session.exec(rows)).first()
    if grant is None:
        raise NotFound
    return grant, await session.get_one(DigitalAsset, grant.asset_id)


async def access_sold_grant(
    session: AsyncSession, viewer: Viewer, grant_id: UUID
) -> tuple[DownloadGrant, SubOrder]:
    """Return a right that the viewer's vendor has sold, locked, with its part of the order.

    Admins may change those of other vendors and buyers. Raises `OwnOrder` and `NotFound`.
    """
    viewer.require_user()
    rows = select(SubOrder).join(DownloadGrant, col(DownloadGrant.suborder_id) == SubOrder.id)
    part = (await session.exec(rows.where(DownloadGrant.id == grant_id))).first()
    if part is None:
        raise NotFound
    if not viewer.admin or await _edits_orders(session, viewer, part.vendor_id):
        await access_vendor(session, viewer, part.vendor_id, Permission.EDIT_ORDERS)
    else:
        order = (await session.exec(select(Order).where(Order.id == part.order_id))).one()
        await ensure_of_others(session, viewer, order)
    grants = select(DownloadGrant).where(DownloadGrant.id == grant_id)
    return (await session.exec(for_change(grants))).one(), part


async def _edits_orders(session: AsyncSession, viewer: Viewer, vendor_id: UUID) -> bool:
    member = await find_member(session, viewer, vendor_id)
    return member is not None and may(member.role, Permission.EDIT_ORDERS)


async def access_managed_asset(
    session: AsyncSession, viewer: Viewer, asset_id: UUID
) -> tuple[Product, DigitalAsset]:
    """Return a file that the viewer manages, and its product, which is locked.

    Whatever changes a file locks its product first. Raises `NotFound` also for a REMOVED one.
    """
    viewer.require_user()
    product_ids = select(Variant.product_id).join(
        DigitalAsset, col(DigitalAsset.variant_id) == Variant.id
    )
    product_id = (await session.exec(product_ids.where(DigitalAsset.id == asset_id))).first()
    if product_id is None:
        raise NotFound
    product = await access_managed_product(session, viewer, product_id)
    rows = select(DigitalAsset).where(
        DigitalAsset.id == asset_id, DigitalAsset.state != AssetState.REMOVED
    )
    asset = (await session.exec(for_change(rows))).first()
    if asset is None:
        raise NotFound
    return product, asset
