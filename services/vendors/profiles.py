"""The profiles of vendors, changed by their members."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.text.search_text import searchable
from models.audit import AuditAct
from models.members import Permission
from models.pictures import PictureDraft
from models.vendors import Vendor, VendorPatch
from models.vendors.hours import HoursPatch
from services import jobs
from services.applications.access import raise_revision
from services.audit import entries as audit
from services.pictures.places import set_vendor_images
from services.vendors.access import access_vendor
from services.vendors.hours import replace_hours
from services.vendors.slugs import change_slug
from services.viewer import Viewer


async def update_vendor(
    session: AsyncSession,
    viewer: Viewer,
    sealer: Sealer,
    *,
    vendor_id: UUID,
    patch: VendorPatch,
    hours: HoursPatch,
    images: Mapping[str, Sequence[PictureDraft]],
) -> Vendor:
    """Change the values set in the patch, and replace the pictures in the given fields.

    For owners and managers. The vendor is locked, so that of two requests at once the later one
    wins field by field. Raises `SlugTaken`, `SlugLimitReached` and `InvalidVendorStatus`.
    """
    vendor = await access_vendor(session, viewer, vendor_id, Permission.EDIT_VENDOR, change=True)
    place = _place(vendor)
    for column, value in patch.columns(vendor.country).items():
        setattr(vendor, column, value)
    if "phone" in patch.model_fields_set:
        vendor.seal_phone(sealer, patch.phone)
    if patch.slug is not None:
        await change_slug(session, vendor, patch.slug)
    if hours.model_fields_set or patch.address:  # whose subdivision decides on holidays
        await replace_hours(session, vendor, hours)
    await set_vendor_images(session, viewer, vendor.id, images)
    if _place(vendor) != place:
        vendor.search_text = searchable(vendor.name, vendor.city)
        await jobs.defer(session, "index_offers", vendor_id=vendor.id)
        await jobs.defer(session, "index_products", vendor_id=vendor.id)
    await raise_revision(session, vendor)
    audit.append(session, viewer, AuditAct.UPDATE_VENDOR, subject_id=vendor.id)
    return vendor


def _place(vendor: Vendor) -> tuple[str, float, float]:
    return vendor.city, vendor.latitude, vendor.longitude
