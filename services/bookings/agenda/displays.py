"""Displays of waiting rooms: created, listed and revoked by members, and found by their keys."""

import secrets
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from core.clock import now
from core.database import for_change
from core.keyset import Listing, newest_first
from core.security.random_secrets import hash_secret
from models.audit import AuditAct
from models.bookings.visits.displays import (
    MAX_DISPLAYS,
    DisplayDraft,
    DisplayLimitReached,
    WaitingRoomDisplay,
)
from models.errors import NotFound
from models.members import Permission
from models.vendors import Vendor, VendorStatus
from services.audit import entries as audit
from services.vendors.access import access_vendor, works_at
from services.viewer import Viewer

KEY_PREFIX = "display_"
KEY_BYTES = 32
MAX_KEY_LENGTH = 64


def visible_displays(viewer: Viewer) -> SelectOfScalar[WaitingRoomDisplay]:
    """Select displays of the viewer's vendors, without their keys. Admins see all."""
    if viewer.admin:
        return select(WaitingRoomDisplay)
    here = works_at(viewer.staff, col(WaitingRoomDisplay.vendor_id), Permission.SEE_BOOKINGS)
    return select(WaitingRoomDisplay).where(here)


def list_displays(viewer: Viewer, vendor_id: UUID) -> Listing[WaitingRoomDisplay]:
    """List the displays of a vendor that are not revoked, the newest first."""
    viewer.require_user()
    rows = visible_displays(viewer).where(
        WaitingRoomDisplay.vendor_id == vendor_id, col(WaitingRoomDisplay.revoked_at).is_(None)
    )
    return Listing(rows, newest_first(WaitingRoomDisplay))


async def create_display(
    session: AsyncSession, viewer: Viewer, draft: DisplayDraft, *, vendor_id: UUID
) -> tuple[WaitingRoomDisplay, str]:
    """Create a display. Returns it with its key, of which only a hash is stored.

    The vendor is locked, so that two requests at once cannot exceed the limit. Raises
    `DisplayLimitReached`.
    """
    await access_vendor(session, viewer, vendor_id, Permission.EDIT_BOOKINGS, change=True)
    counted = select(func.count()).where(
        WaitingRoomDisplay.vendor_id == vendor_id, col(WaitingRoomDisplay.revoked_at).is_(None)
    )
    if (await session.exec(counted)).one() >= MAX_DISPLAYS:
        raise DisplayLimitReached(most=MAX_DISPLAYS)
    key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    display = WaitingRoomDisplay(
        vendor_id=vendor_id,
        created_by_id=viewer.require_user(),
        name=draft.name,
        key_hash=hash_secret(key),
    )
    session.add(display)
    audit.append(session, viewer, AuditAct.CREATE_DISPLAY, subject_id=display.id)
    return display, key


async def revoke_display(
    session: AsyncSession, viewer: Viewer, *, display_id: UUID
) -> WaitingRoomDisplay:
    """Show nothing to a display from now on. It can be repeated."""
    viewer.require_user()
    rows = select(WaitingRoomDisplay).where(WaitingRoomDisplay.id == display_id)
    found = (await session.exec(rows)).first()
    if found is None:
        raise NotFound
    await access_vendor(session, viewer, found.vendor_id, Permission.EDIT_BOOKINGS)
    display = (await session.exec(for_change(rows))).one()
    if display.revoked_at is None:
        display.revoked_at = now()
        audit.append(session, viewer, AuditAct.REVOKE_DISPLAY, subject_id=display.id)
    return display


async def find_display_vendor(session: AsyncSession, key: str) -> Vendor:
    """Return the vendor of a display's key.

    Raises `NotFound` alike for a wrong key, a revoked display and a vendor that is not approved.
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise NotFound
    rows = (
        select(Vendor)
        .join(WaitingRoomDisplay, col(WaitingRoomDisplay.vendor_id) == col(Vendor.id))
        .where(
            WaitingRoomDisplay.key_hash == hash_secret(key),
            col(WaitingRoomDisplay.revoked_at).is_(None),
            Vendor.status == VendorStatus.APPROVED,
        )
    )
    vendor = (await session.exec(rows)).first()
    if vendor is None:
        raise NotFound
    return vendor
