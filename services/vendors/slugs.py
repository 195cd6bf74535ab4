"""Slugs of vendors, with those that they had before."""

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import and_, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from core.text.slugs import slugs_for
from models.vendors import InvalidVendorStatus, Vendor, VendorStatus
from models.vendors.slugs import MAX_SLUGS, SlugLimitReached, SlugTaken, VendorSlug

UNIQUE_DIGITS = 12  # of the random end of the vendor's id


async def give_slug(session: AsyncSession, vendor: Vendor) -> None:
    """Give a new vendor the first slug of its name that no other vendor has or had.

    An insert of the same slug in another transaction is waited for.
    """
    for slug in slugs_for(vendor.name, vendor.city, vendor.id.hex[-UNIQUE_DIGITS:]):
        row = insert(VendorSlug).values(VendorSlug(slug=slug, vendor_id=vendor.id).model_dump())
        taken = row.on_conflict_do_nothing().returning(col(VendorSlug.slug))
        if (await session.exec(taken)).first() is not None:
            return


async def change_slug(session: AsyncSession, vendor: Vendor, slug: str) -> None:
    """Make a slug the current one of a vendor that is locked. The former ones keep leading to it.

    Those of a PENDING vendor lead nowhere yet: it gives them up, so that an application occupies
    one slug and not ten. Raises `SlugTaken`, `SlugLimitReached`, and `InvalidVendorStatus` for a
    REJECTED vendor, whose page will never be public.
    """
    if vendor.status is VendorStatus.REJECTED:
        raise InvalidVendorStatus(status=vendor.status, field=["slug"])
    own = col(VendorSlug.vendor_id) == vendor.id
    former = and_(col(VendorSlug.is_current), own, col(VendorSlug.slug) != slug)
    if vendor.status is VendorStatus.PENDING:
        await session.exec(delete(VendorSlug).where(former))
    else:
        await session.exec(update(VendorSlug).where(former).values(is_current=False))
    row = insert(VendorSlug).values(VendorSlug(slug=slug, vendor_id=vendor.id).model_dump())
    chosen = row.on_conflict_do_update(
        index_elements=[col(VendorSlug.slug)],
        set_={"is_current": True},
        where=col(VendorSlug.vendor_id) == vendor.id,
    )
    if (await session.exec(chosen.returning(col(VendorSlug.slug)))).first() is None:
        raise SlugTaken(slug=slug, field=["slug"])
    counted = select(func.count()).select_from(VendorSlug).where(own)
    if (await session.exec(counted)).one() > MAX_SLUGS:
        raise SlugLimitReached(most=MAX_SLUGS, field=["slug"])


async def delete_slugs(session: AsyncSession, vendor: Vendor) -> None:
    """Give up the slugs of a vendor that was never public."""
    await session.exec(delete(VendorSlug).where(col(VendorSlug.vendor_id) == vendor.id))


async def find_vendor_id(session: AsyncSession, slug: str) -> UUID | None:
    """Return the id of the vendor that has or had a slug."""
    rows = select(VendorSlug.vendor_id).where(VendorSlug.slug == slug.strip().lower())
    return (await session.exec(rows)).first()
