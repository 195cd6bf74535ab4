"""The content of the variants of digital products: a file, or license keys."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.database import exists_in
from models.catalog.products import Product, ProductKind, ProductState
from models.catalog.variants import Variant, VariantState
from models.downloads.assets import AssetState, DigitalAsset, DigitalContentMissing
from models.downloads.keys import LicenseKey


async def hide_without_content(session: AsyncSession, product: Product) -> None:
    """Hide a published product whose file turned out to be unusable, until it has another one."""
    lacks = await _lacks_content(session, product, AssetState.READY, AssetState.CHECKING)
    if product.state is ProductState.PUBLISHED and lacks:
        product.state = ProductState.HIDDEN


async def keep_content(session: AsyncSession, product: Product) -> None:
    """Raise `DigitalContentMissing` if a variant of a published product has none any more."""
    if product.state is ProductState.PUBLISHED:
        await ensure_content(session, product, AssetState.READY, AssetState.CHECKING)


async def ensure_content(session: AsyncSession, product: Product, *states: AssetState) -> None:
    """Raise `DigitalContentMissing` if a variant of a digital product has no file or keys."""
    if await _lacks_content(session, product, *states):
        raise DigitalContentMissing


async def _lacks_content(session: AsyncSession, product: Product, *states: AssetState) -> bool:
    if product.kind is not ProductKind.DIGITAL:
        return False
    has_file = exists_in(
        DigitalAsset,
        col(DigitalAsset.variant_id) == col(Variant.id),
        col(DigitalAsset.state).in_(states),
    )
    has_keys = exists_in(LicenseKey, col(LicenseKey.variant_id) == col(Variant.id))
    empty = select(Variant.id).where(
        Variant.product_id == product.id,
        Variant.state == VariantState.ACTIVE,
        ~has_file,
        ~has_keys,
    )
    return (await session.exec(empty.limit(1))).first() is not None
