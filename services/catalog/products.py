"""Products: managed by the members of a vendor."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.database import for_change, for_reliance
from core.text.search_text import searchable
from models.catalog.drafts import ProductDraft, ProductPatch, VariantDraft
from models.catalog.products import (
    MAX_PRODUCTS,
    Product,
    ProductIncomplete,
    ProductLimitReached,
    ProductState,
)
from models.catalog.variants import Variant, VariantState
from models.downloads.assets import AssetState
from models.errors import InvalidInput
from models.members import Permission
from models.pictures import PictureDraft
from models.quotas import DailyAct
from models.vendors import Vendor
from services import idempotency
from services.catalog.access import access_managed_product
from services.catalog.slugs import change_slug, give_slug
from services.catalog.variants import announce, create_variants
from services.categories.queries import ensure_category_can_be_chosen
from services.downloads.selling.content import ensure_content
from services.pictures.places import reorder_product_pictures, set_product_pictures
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer

INDEX_BATCH_SIZE = 100


async def create_product(
    session: AsyncSession,
    viewer: Viewer,
    *,
    vendor_id: UUID,
    draft: ProductDraft,
    category_id: UUID | None,
    variants: Sequence[VariantDraft],
    pictures: Sequence[PictureDraft],
    idempotency_key: str,
) -> Product:
    """Create a draft with its variants, once per idempotency key.

    The category defaults to the vendor's. The vendor is locked, so that two requests at once cannot
    exceed the limit. Raises `ProductLimitReached`, `DailyLimitReached`, and as `addVariant`.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createProduct",
        idempotency_key,
        vendor_id=vendor_id,
        draft=draft.model_dump(),
        category_id=category_id,
        variants=[one.model_dump() for one in variants],
        pictures=[one.model_dump() for one in pictures],
    )
    if claimed.replayed:
        return await access_managed_product(session, viewer, claimed.replayed)
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_PRODUCTS, change=True)
    product = await add_product(session, vendor, draft, category_id)
    await create_variants(session, viewer, product, variants, "variants")
    await set_product_pictures(session, viewer, product.id, pictures)
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_PRODUCT)
    await idempotency.record_result(session, claimed, product.id)
    return product


async def add_product(
    session: AsyncSession, vendor: Vendor, draft: ProductDraft, category_id: UUID | None
) -> Product:
    """Add a draft without variants to a vendor that is locked."""
    await ensure_product_can_be_added(session, vendor.id)
    product = Product(
        vendor_id=vendor.id,
        category_id=await _choose_category(session, category_id or vendor.category_id),
        locale=vendor.locale,
        currency=vendor.currency,
        **draft.model_dump(),
        **_of_vendor(vendor),
    )
    product.search_text = _search_text(product, vendor)
    session.add(product)
    await give_slug(session, product)
    return product


async def ensure_product_can_be_added(session: AsyncSession, vendor_id: UUID) -> None:
    """Raise `ProductLimitReached` if a vendor that is locked has the most products."""
    counted = select(func.count()).where(
        Product.vendor_id == vendor_id, Product.state != ProductState.ARCHIVED
    )
    if (await session.exec(counted)).one() >= MAX_PRODUCTS:
        raise ProductLimitReached(most=MAX_PRODUCTS)


async def update_product(
    session: AsyncSession,
    viewer: Viewer,
    *,
    product_id: UUID,
    patch: ProductPatch,
    pictures: Sequence[PictureDraft] | None = None,
) -> Product:
    """Change the values set in the patch. Null resets the category to the vendor's.

    Raises `InvalidInput` for options that an active variant does not fit, `ProductSlugTaken` and
    `ProductSlugLimitReached`.
    """
    product = await access_managed_product(session, viewer, product_id)
    product.ensure_editable()
    vendor = await session.get_one(Vendor, product.vendor_id)
    for name, value in patch.values().items():
        setattr(product, name, value)
    if "category_id" in patch.model_fields_set:
        product.category_id = await _choose_category(
            session, patch.category_id or vendor.category_id, kept=product.category_id
        )
    if "options" in patch.model_fields_set:
        await _ensure_variants_fit(session, product)
    product.search_text = _search_text(product, vendor)
    if patch.slug is not None:
        await change_slug(session, product, patch.slug)
    if pictures is not None:
        await set_product_pictures(session, viewer, product.id, pictures)
    announce(session, product)
    return product


async def order_product_pictures(
    session: AsyncSession, viewer: Viewer, *, product_id: UUID, upload_ids: Sequence[UUID]
) -> Product:
    """Order the pictures of a product. Raises `InvalidInput` unless these are all of them."""
    product = await access_managed_product(session, viewer, product_id)
    product.ensure_editable()
    await reorder_product_pictures(session, product.id, upload_ids)
    announce(session, product)
    return product


async def publish_product(session: AsyncSession, viewer: Viewer, *, product_id: UUID) -> Product:
    """Publish a product.

    Raises `ProductIncomplete` without an active variant, and `DigitalContentMissing`.
    """
    product = await access_managed_product(session, viewer, product_id)
    vendor = await session.get_one(Vendor, product.vendor_id)
    vendor.ensure_approved()
    if product.state is ProductState.PUBLISHED:
        return product
    product.state.ensure_can_become(ProductState.PUBLISHED)
    if product.min_price is None:
        raise ProductIncomplete
    await ensure_content(session, product, AssetState.READY)
    product.published_at = product.published_at or now()
    return _change_state(session, product, ProductState.PUBLISHED)


async def hide_product(session: AsyncSession, viewer: Viewer, *, product_id: UUID) -> Product:
    """Hide a product from all but members until it is published again. Orders go on."""
    product = await access_managed_product(session, viewer, product_id)
    return _change_state(session, product, ProductState.HIDDEN)


async def archive_product(session: AsyncSession, viewer: Viewer, *, product_id: UUID) -> Product:
    """Archive a product for good. Orders go on."""
    product = await access_managed_product(session, viewer, product_id)
    return _change_state(session, product, ProductState.ARCHIVED)


async def index_products(session: AsyncSession, vendor_id: UUID, after: UUID) -> UUID | None:
    """Update a batch of a vendor's products after its city or its place changed.

    The vendor is locked shared: a job that read it before a later change would write older values
    over those of the job of that change. Returns the last product's id, or None after the last
    batch.
    """
    relied_on = for_reliance(select(Vendor).where(Vendor.id == vendor_id))
    vendor = (await session.exec(relied_on)).one()
    later = select(Product).where(Product.vendor_id == vendor_id, Product.id > after)
    rows = later.order_by(col(Product.id)).limit(INDEX_BATCH_SIZE)
    batch = (await session.exec(for_change(rows))).all()
    for product in batch:
        product.search_text = _search_text(product, vendor)
        for name, value in _of_vendor(vendor).items():
            setattr(product, name, value)
    return batch[-1].id if len(batch) == INDEX_BATCH_SIZE else None


def _of_vendor(vendor: Vendor) -> dict[str, Any]:
    return vendor.model_dump(include={"country", "latitude", "longitude"})


async def _choose_category(
    session: AsyncSession, category_id: UUID, kept: UUID | None = None
) -> UUID:
    """Return the category, unless it is hidden. A product may keep the one that it has."""
    if category_id != kept:
        await ensure_category_can_be_chosen(session, category_id)
    return category_id


async def _ensure_variants_fit(session: AsyncSession, product: Product) -> None:
    rows = select(Variant).where(
        Variant.product_id == product.id, Variant.state == VariantState.ACTIVE
    )
    for variant in await session.exec(rows):
        if not product.fits(variant.options):
            raise InvalidInput(
                "The variant {sku} has other options. Change or retire it first.",
                sku=variant.sku,
                field=["options"],
            )


def _change_state(session: AsyncSession, product: Product, state: ProductState) -> Product:
    if product.state is not state:
        product.state.ensure_can_become(state)
        product.state = state
        announce(session, product)
    return product


def _search_text(product: Product, vendor: Vendor) -> str:
    return searchable(*product.title.values(), vendor.name, vendor.city)
