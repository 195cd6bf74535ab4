"""Seeds what vendors show in search results, their slugs, and their commissions."""

from datetime import timedelta

from core.text.cleaning import shorten
from core.text.slugs import slugs_for
from demo.dataset import Dataset, DemoVendor
from demo.rng import SeededRandom
from demo.vendors.cafe import CAFE
from models.identity.accounts import Role
from models.vendors import VendorStatus
from models.vendors.commissions import VendorCommission
from models.vendors.slugs import VendorSlug

COMMISSIONS = (500, 800, 1_000, 1_250)  # in basis points
FORMER_SLUG = "two-tumblers"  # of the café
MAX_TITLE, MAX_TEXT = 70, 200


def seed_storefronts(rng: SeededRandom, dataset: Dataset) -> None:
    taken = {FORMER_SLUG}
    for vendor in dataset.vendors:
        add_storefront(rng, dataset, vendor, taken)
        if vendor.row.name == CAFE["name"]:
            _add_slug(dataset, vendor, FORMER_SLUG, is_current=False)
            texts = vendor.row.description.items()
            vendor.row.seo_text = {locale: shorten(text, MAX_TEXT) for locale, text in texts}


def add_storefront(
    rng: SeededRandom, dataset: Dataset, vendor: DemoVendor, taken: set[str]
) -> None:
    """Add the slug of a vendor, which is none of those taken, and its commission."""
    unique = vendor.row.id.hex[-12:]
    options = slugs_for(vendor.row.name, vendor.city.name, unique)
    slug = next(one for one in options if one not in taken)
    taken.add(slug)
    _add_slug(dataset, vendor, slug)
    _add_commission(rng, dataset, vendor)
    title = shorten(f"{vendor.row.name}, {vendor.area.name}", MAX_TITLE)
    vendor.row.seo_title = {vendor.row.locale: title}


def _add_slug(dataset: Dataset, vendor: DemoVendor, slug: str, *, is_current: bool = True) -> None:
    row = VendorSlug(
        slug=slug,
        vendor_id=vendor.row.id,
        is_current=is_current,
        created_at=vendor.row.created_at,
    )
    dataset.slugs.append(row)


def _add_commission(rng: SeededRandom, dataset: Dataset, vendor: DemoVendor) -> None:
    """Add the rate of a vendor that can sell, since its first day."""
    bps = rng.choice(COMMISSIONS)
    if vendor.row.status not in {VendorStatus.APPROVED, VendorStatus.SUSPENDED}:
        return
    since = vendor.row.created_at + timedelta(hours=1)
    admin = next(user for user in dataset.users if user.role is Role.ADMIN)
    dataset.commissions.append(
        VendorCommission(
            id=rng.uuid7_at(since),
            created_at=since,
            vendor_id=vendor.row.id,
            number=1,
            bps=bps,
            starts_at=since,
            admin_id=admin.id,
        )
    )
