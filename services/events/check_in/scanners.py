"""Scanners, registered and revoked by members of their vendors."""

import secrets
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.security.random_secrets import hash_secret
from models.audit import AuditAct
from models.events.check_in.drafts import ScannerDraft
from models.events.check_in.scanners import MAX_SCANNERS, Scanner, ScannerLimitReached
from models.members import Permission
from services.audit import entries as audit
from services.events.check_in.access import access_managed_scanner
from services.vendors.access import access_vendor
from services.viewer import Viewer

KEY_PREFIX = "scan_"
KEY_BYTES = 32


async def register_scanner(
    session: AsyncSession, viewer: Viewer, *, vendor_id: UUID, draft: ScannerDraft
) -> tuple[Scanner, str]:
    """Register a scanner. Returns it with its key, of which only a hash is stored.

    The vendor is locked, so that two requests at once cannot exceed the limit. Raises
    `ScannerLimitReached`.
    """
    permission = Permission.MANAGE_SCANNERS
    vendor = await access_vendor(session, viewer, vendor_id, permission, change=True)
    counted = select(func.count()).where(
        Scanner.vendor_id == vendor.id, col(Scanner.revoked_at).is_(None)
    )
    if (await session.exec(counted)).one() >= MAX_SCANNERS:
        raise ScannerLimitReached(most=MAX_SCANNERS)
    key = KEY_PREFIX + secrets.token_urlsafe(KEY_BYTES)
    scanner = Scanner(
        vendor_id=vendor.id,
        registered_by_id=viewer.require_user(),
        name=draft.name,
        key_hash=hash_secret(key),
        public_key=draft.public_bytes,
    )
    session.add(scanner)
    audit.append(session, viewer, AuditAct.REGISTER_SCANNER, subject_id=scanner.id)
    return scanner, key


async def revoke_scanner(session: AsyncSession, viewer: Viewer, *, scanner_id: UUID) -> Scanner:
    """Refuse all that a scanner sends from now on. Its scans stay."""
    scanner = await access_managed_scanner(session, viewer, scanner_id)
    if scanner.revoked_at is None:
        scanner.revoked_at = now()
        audit.append(session, viewer, AuditAct.REVOKE_SCANNER, subject_id=scanner.id)
    return scanner
