"""Bundles: what a scanner needs for vouchers without a network, signed, and encrypted to it."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import Struct
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.errors import BadInput
from core.security.key_file import Purpose
from core.security.recipients import encrypt_to
from core.security.signing_keys import ISSUER, SigningKeys
from core.statements.units import connection_of
from models.events.check_in.bundles import ID_BYTES
from models.members import Permission
from models.scanners import BUNDLE_HOURS
from services.events.check_in.bundles import Position, find_scanner
from services.redemptions.offline import find_offline_limit
from services.redemptions.offline_offers import find_offers
from services.redemptions.scanned import find_rotation
from services.redemptions.stamps import sign_stamp
from services.vendors.access import access_vendor
from services.viewer import Viewer

MAX_REVOCATIONS = 10_000  # of one bundle
VERSION = 1
RECORD = Struct(f">{ID_BYTES}sH")

# Revocations of transactions that may still be preceded by one in progress wait for the next
# bundle, so that none is skipped. Those of vouchers whose time is over are left out.
REVOKED = text(
    """
    WITH horizon AS (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid),
    revoked AS (
        SELECT one.id, one.voucher_id, one.generation, one.changed_xid AS xid
        FROM voucher_revocation AS one
        JOIN horizon ON one.changed_xid < horizon.xid
        JOIN voucher ON voucher.id = one.voucher_id AND voucher.expires_at > now()
        WHERE one.vendor_id = :vendor_id
            AND (one.changed_xid, one.id) > (CAST(CAST(:xid AS text) AS xid8), CAST(:id AS uuid))
    )
    SELECT revoked.*, CAST(revoked.xid AS text) AS changed_xid, CAST(horizon.xid AS text) AS horizon
    FROM horizon LEFT JOIN revoked ON true
    ORDER BY revoked.xid, revoked.id
    LIMIT :size
    """
)


@dataclass(frozen=True)
class VoucherBundle:
    """An encrypted bundle. With `has_more`, the next one is asked for at once."""

    content: str
    cursor: str
    expires_at: datetime
    revocations: int
    has_more: bool


@dataclass(frozen=True)
class RevocationPage:
    """Revocations after a position, at most as many as a bundle has, and the next position."""

    rows: Sequence[Any]
    next: Position
    has_more: bool


async def make_voucher_bundle(
    session: AsyncSession,
    viewer: Viewer,
    keys: SigningKeys,
    *,
    vendor_id: UUID,
    scanner_key: str,
    since: str | None,
) -> VoucherBundle:
    """Return the offers of a vendor, and the codes of vouchers that have ended since a cursor.

    Raises `NotFound`, `ScannerRevoked`, and `BadInput` for a scanner without a public key.
    """
    viewer.require_user()
    vendor = await access_vendor(session, viewer, vendor_id, Permission.REDEEM)
    scanner = await find_scanner(session, vendor_id, scanner_key)
    if scanner.public_key is None:
        raise BadInput("This scanner has no public key. Register it again with one.")
    page = await _find_revocations(session, vendor_id, Position.read(since))
    issued = now()
    expires_at = issued + timedelta(hours=BUNDLE_HOURS)
    limit = await find_offline_limit(session, vendor_id)
    claims = {
        "iss": ISSUER,
        "aud": scanner.id.hex,
        "v": VERSION,
        "iat": int(issued.timestamp()),
        "exp": int(expires_at.timestamp()),
        "vendor": vendor_id.hex,
        "limit": limit,
        "bundle": sign_stamp(keys, scanner.id, issued, limit),
        "zone": vendor.time_zone,
        "rotation": await find_rotation(await connection_of(session), vendor_id),
        "offers": await find_offers(session, vendor_id, scanner.id),
        "keys": keys.public_of(Purpose.VOUCHER),
        "full": since is None,
        "more": page.has_more,
        "cursor": str(page.next),
        "revoked": _packed(page.rows),
    }
    content = encrypt_to(scanner.public_key, keys.sign_voucher_bundle(claims))
    return VoucherBundle(content, str(page.next), expires_at, len(page.rows), page.has_more)


async def _find_revocations(
    session: AsyncSession, vendor_id: UUID, after: Position
) -> RevocationPage:
    """Return the next page. One row more is read, which shows whether there is another page."""
    given = {
        "vendor_id": vendor_id,
        "xid": after.xid,
        "id": after.ticket_id,
        "size": MAX_REVOCATIONS + 1,
    }
    found = (await session.execute(REVOKED, given)).all()
    rows = [row for row in found if row.id is not None][:MAX_REVOCATIONS]
    if len(found) > MAX_REVOCATIONS:
        return RevocationPage(rows, Position(rows[-1].changed_xid, rows[-1].id), has_more=True)
    # Without revocations, the statement returns one row with the horizon alone.
    return RevocationPage(rows, Position(found[0].horizon, UUID(int=0)), has_more=False)


def _packed(rows: Sequence[Any]) -> str:
    """Return records of the end of a voucher's id, and of its first generation that is valid."""
    records = b"".join(
        RECORD.pack(row.voucher_id.bytes[-ID_BYTES:], row.generation) for row in rows
    )
    return urlsafe_b64encode(records).rstrip(b"=").decode()
