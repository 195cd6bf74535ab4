"""Lists of applications, and what admins compare them with."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select

from core.keyset import Listing, Ordering
from models.applications import ApplicationState, VendorApplication
from models.vendors import Vendor
from services.applications.access import visible_applications
from services.categories.queries import subtree
from services.journal.topics import APPLICATIONS_TOPIC, user_topic
from services.viewer import Viewer

OLDEST_FIRST = Ordering(
    "vendor_application.submitted_at",
    VendorApplication.submitted_at,
    VendorApplication.id,
    datetime.fromisoformat,
)


@dataclass(frozen=True)
class ApplicationFilter:
    """Conditions on a list of applications; all of them must hold. None is no condition."""

    state: ApplicationState | None = None
    category_id: UUID | None = None
    country: str | None = None


def application_topic(viewer: Viewer) -> str:
    """Return the topic of the applications that the viewer sees."""
    user_id = viewer.require_user()
    return APPLICATIONS_TOPIC if viewer.admin else user_topic(user_id)


def list_applications(viewer: Viewer, wanted: ApplicationFilter) -> Listing[VendorApplication]:
    """List applications, those that have waited longest first."""
    topics = [application_topic(viewer)]
    rows = visible_applications(viewer)
    if wanted.state is not None:
        rows = rows.where(VendorApplication.state == wanted.state)
    vendors = select(Vendor.id).where(Vendor.id == VendorApplication.vendor_id)
    if wanted.category_id is not None:
        of_category = col(Vendor.category_id).in_(subtree(wanted.category_id))
        rows = rows.where(vendors.where(of_category).exists())
    if wanted.country is not None:
        rows = rows.where(vendors.where(Vendor.country == wanted.country).exists())
    return Listing(rows, OLDEST_FIRST, topics)
