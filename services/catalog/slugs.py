"""Slugs of products, with those that they had before."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.text.slugs import MAX_SLUG_LENGTH, MIN_SLUG_LENGTH, slugify
from models.catalog.products import Product
from models.catalog.slugs import (
    MAX_PRODUCT_SLUGS,
    ProductSlug,
    ProductSlugLimitReached,
    ProductSlugTaken,
)
from models.vendors.slugs import VendorSlug

UNIQUE_DIGITS = 12  # of the random end of the product's id


async def give_slug(session: AsyncSession, product: Product) -> None:
    """Give a new product the first slug of its titles that no other one of its vendor has or had.

    An insert of the same slug in another transaction is waited for.
    """
    for slug in _options(product):
        values = ProductSlug(slug=slug, vendor_id=product.vendor_id, product_id=product.id)
        row = insert(ProductSlug).values(values.model_dump())
        taken = row.on_conflict_do_nothing().returning(col(ProductSlug.slug))
        if (await session.exec(taken)).first() is not None:
            return


def _options(product: Product) -> Iterator[str]:
    """Yield slugs, the best one first. A title without Latin letters has none of its own."""
    own, *others = product.title.get(product.locale, ""), *product.title.values()
    slugs = [slug for slug in map(slugify, (own, *others)) if len(slug) >= MIN_SLUG_LENGTH]
    yield from slugs
    unique = product.id.hex[-UNIQUE_DIGITS:]
    base = (slugs or ["product"])[0][: MAX_SLUG_LENGTH - len(unique) - 1].strip("-")
    yield f"{base}-{unique}"


async def change_slug(session: AsyncSession, product: Product, slug: str) -> None:
    """Make a slug the current one of a product that is locked. The former ones keep leading to it.

    Raises `ProductSlugTaken` and `ProductSlugLimitReached`.
    """
    own = col(ProductSlug.product_id) == product.id
    former = and_(col(ProductSlug.is_current), own, col(ProductSlug.slug) != slug)
    await session.exec(update(ProductSlug).where(former).values(is_current=False))
    values = ProductSlug(slug=slug, vendor_id=product.vendor_id, product_id=product.id)
    chosen = (
        insert(ProductSlug)
        .values(values.model_dump())
        .on_conflict_do_update(
            index_elements=[col(ProductSlug.vendor_id), col(ProductSlug.slug)],
            set_={"is_current": True},
            where=own,
        )
    )
    if (await session.exec(chosen.returning(col(ProductSlug.slug)))).first() is None:
        raise ProductSlugTaken(slug=slug, field=["slug"])
    counted = select(func.count()).select_from(ProductSlug).where(own)
    if (await session.exec(counted)).one() > MAX_PRODUCT_SLUGS:
        raise ProductSlugLimitReached(most=MAX_PRODUCT_SLUGS, field=["slug"])


async def find_product_id(session: AsyncSession, vendor_slug: str, slug: str) -> UUID | None:
    """Return the id of the product that has or had a slug, at the vendor that has or had its."""
    rows = (
        select(ProductSlug.product_id)
        .join(VendorSlug, col(VendorSlug.vendor_id) == ProductSlug.vendor_id)
        .where(
            VendorSlug.slug == vendor_slug.strip().lower(),
            ProductSlug.slug == slug.strip().lower(),
        )
    )
    return (await session.exec(rows)).first()
