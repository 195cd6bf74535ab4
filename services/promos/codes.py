"""Promo codes: created, changed and ended by vendors, and by admins for the platform."""

from collections.abc import Collection
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from models.audit import AuditAct
from models.categories import Category
from models.errors import InvalidInput, NotFound
from models.members import Permission
from models.promos.codes import (
    MAX_ACTIVE_CODES,
    PromoCode,
    PromoCodeLimitReached,
    PromoCodeState,
)
from models.promos.drafts import PromoCodeDraft, PromoCodePatch, ensure_window
from models.quotas import DailyAct
from models.vendors import Vendor
from services import idempotency
from services.audit import entries as audit
from services.promos.access import access_managed_code, visible_promo_codes
from services.quotas import ensure_within_quota
from services.vendors.access import access_vendor
from services.viewer import Viewer


async def create_promo_code(
    session: AsyncSession,
    viewer: Viewer,
    draft: PromoCodeDraft,
    *,
    vendor_id: UUID | None,
    currency: str,
    idempotency_key: str,
) -> PromoCode:
    """Create a code of a vendor, or an admin one of the platform, once per key.

    Raises `PromoCodeTaken`, `PromoCodeLimitReached`, `DailyLimitReached`, and `InvalidInput` for
    its scope;
    `VendorNotApproved` and `VendorSuspended`, because an active code is taken for all vendors.
    """
    claimed = await idempotency.claim(
        session,
        viewer,
        "createPromoCode",
        idempotency_key,
        vendor_id=vendor_id,
        currency=currency,
        **draft.model_dump(),
    )
    if claimed.replayed:
        rows = visible_promo_codes(viewer).where(PromoCode.id == claimed.replayed)
        if (known := (await session.exec(rows)).first()) is None:
            raise NotFound
        return known
    await _ensure_permitted(session, viewer, draft, vendor_id, currency)
    await _ensure_exist(session, Category, draft.category_ids, "categoryIds")
    await _ensure_exist(session, Vendor, draft.vendor_ids, "vendorIds")
    await ensure_within_quota(session, viewer.require_user(), DailyAct.CREATE_PROMO_CODE)
    code = PromoCode(vendor_id=vendor_id, currency=currency, **draft.columns(now()))
    session.add(code)
    audit.append(session, viewer, AuditAct.CREATE_PROMO_CODE, subject_id=code.id)
    await idempotency.record_result(session, claimed, code.id)
    return code


async def update_promo_code(
    session: AsyncSession, viewer: Viewer, *, promo_code_id: UUID, patch: PromoCodePatch
) -> PromoCode:
    """Change the values set in the patch. Raises `PromoCodeEnded` and `CapacityBelowUsed`."""
    code = await access_managed_code(session, viewer, promo_code_id)
    code.ensure_active()
    for name, value in patch.columns(now()).items():
        setattr(code, name, value)
    ensure_window(code.valid_from, code.valid_until)
    audit.append(session, viewer, AuditAct.UPDATE_PROMO_CODE, subject_id=code.id)
    return code


async def end_promo_code(
    session: AsyncSession, viewer: Viewer, *, promo_code_id: UUID
) -> PromoCode:
    """End a code for good. Orders that were placed with it keep their discount."""
    code = await access_managed_code(session, viewer, promo_code_id)
    if code.state is PromoCodeState.ACTIVE:
        code.end()
        audit.append(session, viewer, AuditAct.END_PROMO_CODE, subject_id=code.id)
    return code


async def _ensure_permitted(
    session: AsyncSession,
    viewer: Viewer,
    draft: PromoCodeDraft,
    vendor_id: UUID | None,
    currency: str,
) -> None:
    """Lock the vendor, so that its codes are counted, or require an admin."""
    if vendor_id is None:
        viewer.require_admin()
        return
    permission = Permission.EDIT_PROMO_CODES
    vendor = await access_vendor(session, viewer, vendor_id, permission, change=True)
    vendor.ensure_approved()
    if vendor.currency != currency:
        raise InvalidInput(
            "The vendor's currency is {currency}. Use it for this amount.",
            currency=vendor.currency,
            field=["currency"],
        )
    if draft.vendor_ids:
        raise InvalidInput(
            "A vendor's code is for the vendor's own goods. Choose no vendors.",
            field=["vendorIds"],
        )
    active = (PromoCode.vendor_id == vendor_id, PromoCode.state == PromoCodeState.ACTIVE)
    counted = select(func.count()).select_from(PromoCode).where(*active)
    if (await session.exec(counted)).one() >= MAX_ACTIVE_CODES:
        raise PromoCodeLimitReached(most=MAX_ACTIVE_CODES)


async def _ensure_exist(
    session: AsyncSession, table: type[Category] | type[Vendor], ids: Collection[UUID], field: str
) -> None:
    rows = select(func.count()).select_from(table).where(col(table.id).in_(ids))
    if ids and (await session.exec(rows)).one() < len(set(ids)):
        raise NotFound(field=[field])
