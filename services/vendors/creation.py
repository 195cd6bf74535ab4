"""Vendors, created by admins."""

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from core.security.sealed import Sealer
from core.text.search_text import searchable
from models.admins.suspensions import OwnAccount
from models.audit import AuditAct
from models.identity.addresses import EMAIL
from models.vendors import MemberRole, Vendor, VendorDraft, VendorStatus
from services import idempotency
from services.audit import entries as audit
from services.categories.queries import ensure_category_can_be_chosen
from services.members.administration import Account, access_account
from services.members.membership import join
from services.members.owners import ensure_owner_stays
from services.vendors.slugs import give_slug
from services.viewer import Viewer


async def create_vendor(
    session: AsyncSession,
    sealer: Sealer,
    viewer: Viewer,
    draft: VendorDraft,
    *,
    owner: Account,
    category_id: UUID,
    idempotency_key: str,
) -> Vendor:
    """Create an approved vendor with its owner, once per idempotency key.

    Raises `InvalidInput` if the owner, the category or the address does not exist, `OwnAccount` if
    the owner is the admin, and `LastOwner` if the owner is suspended, or leaves.
    """
    admin_id = viewer.require_admin()
    owned = owner if isinstance(owner, UUID) else sealer.hash(EMAIL, owner).hex()
    given = {"draft": draft.given(sealer), "owner": owned, "category_id": category_id}
    claimed = await idempotency.claim(session, viewer, "createVendor", idempotency_key, **given)
    if claimed.replayed:
        return await session.get_one(Vendor, claimed.replayed)
    columns = draft.columns()
    await ensure_category_can_be_chosen(session, category_id)
    user = await access_account(session, sealer, owner, field="owner")
    if user.id == admin_id:
        raise OwnAccount
    vendor = Vendor(
        category_id=category_id,
        status=VendorStatus.APPROVED,
        search_text=searchable(draft.name, draft.address.city),
        **columns,
    )
    vendor.seal_phone(sealer, draft.phone)
    session.add(vendor)
    await give_slug(session, vendor)
    audit.append(session, viewer, AuditAct.CREATE_VENDOR, subject_id=vendor.id)
    await join(session, viewer, vendor.id, user, MemberRole.OWNER)
    await session.flush()
    await ensure_owner_stays(session, vendor.id)
    await idempotency.record_result(session, claimed, vendor.id)
    return vendor
