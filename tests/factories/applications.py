"""Applications to become a vendor, their documents, and suspensions."""

from typing import TYPE_CHECKING, Any

from core.clock import now
from core.countries.tax_ids import TaxId
from core.ids import new_id
from core.security.sealed import Sealer
from models.applications import (
    ApplicationState,
    VendorApplication,
    VendorDocument,
)
from models.identity.accounts import User
from models.uploads import ATTACH_WINDOW, Upload, UploadPurpose, UploadState
from models.vendors import Vendor, VendorStatus
from models.vendors.suspensions import VendorSuspension
from services.applications.applying import tax_columns
from tests.factories.base import NUMBERS, RowStore

if TYPE_CHECKING:
    from tests.factories.world import World

GSTIN = "27AAPFU0939F1ZV"
STATUSES = {
    ApplicationState.APPROVED: VendorStatus.APPROVED,
    ApplicationState.REJECTED: VendorStatus.REJECTED,
    ApplicationState.WITHDRAWN: VendorStatus.REJECTED,
}


class ApplicationRows(RowStore):
    """Creates applications and what belongs to them."""

    async def document(self, user: User, **values: Any) -> Upload:
        """Return a ready document, which is not attached."""
        number = next(NUMBERS)
        given: dict[str, Any] = {
            "purpose": UploadPurpose.DOCUMENT,
            "state": UploadState.READY,
            "file_name": f"licence-{number}.pdf",
            "content_type": "application/pdf",
            "size": 1_000,
            "key": f"kept/{number}",
            "expires_at": now() + ATTACH_WINDOW,
        } | values
        upload = Upload(user_id=user.id, **given)
        await self.save(upload)
        return upload

    async def application(self, user: User, vendor: Vendor, **values: Any) -> VendorApplication:
        """Return an application with one document. The vendor gets the status that fits."""
        id = new_id()
        state = values.get("state", ApplicationState.SUBMITTED)
        if state not in {ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN}:
            decider = await self._decider()
            values = {"reason": "No.", "decided_at": now(), "decider_id": decider.id} | values
        given: dict[str, Any] = {
            **tax_columns(Sealer(self.keys), id, "IN", TaxId("GSTIN", GSTIN)),
        } | values
        application = VendorApplication(id=id, user_id=user.id, vendor_id=vendor.id, **given)
        upload = await self.document(user, attached_at=now())
        document = VendorDocument(application_id=id, upload_id=upload.id, position=0)
        vendor.status = STATUSES.get(state, VendorStatus.PENDING)
        await self.save(application, document, vendor)
        return application

    async def _decider(self) -> User:
        user = User(name="Admin", password_hash=None)
        await self.save(user)
        return user


async def suspended(world: "World", vendor: Vendor, reason: str = "Complaints.") -> None:
    """Suspend a vendor, as an admin does, without a notification."""
    admin = await world.admin()
    vendor.status = VendorStatus.SUSPENDED
    suspension = VendorSuspension(vendor_id=vendor.id, number=1, reason=reason, admin_id=admin.id)
    await world.save(vendor, suspension)
