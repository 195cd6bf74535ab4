"""The status of vendors."""

from sqlmodel.ext.asyncio.session import AsyncSession

from models.vendors import Vendor, VendorStatus
from services.journal import append as journal
from services.journal.topics import vendor_topic
from services.vendors.entries import VendorStatusChanged
from services.vendors.slugs import delete_slugs


async def set_status(session: AsyncSession, vendor: Vendor, status: VendorStatus) -> None:
    """Set the status of a vendor that is locked, and publish it to the members.

    A rejected vendor never had a public page, so its slugs are free for others.
    Everything else follows from the row: lists and access queries compare the status, and kept
    answers are dropped when a vendor changes.
    """
    vendor.status = status
    if status is VendorStatus.REJECTED:
        await delete_slugs(session, vendor)
    journal.append(session, VendorStatusChanged(vendor.id), to=[vendor_topic(vendor.id)])
