"""The scanner of a request: found by its key, and locked before what it scans."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, Integer, bindparam
from sqlmodel import col, select, update

from core.database import for_change
from core.security.random_secrets import hash_secret
from core.statements.selected import columns_of
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.errors import NotFound
from models.events.check_in.scanners import Scanner

SEEN_AGAIN = timedelta(minutes=1)
# One scanner sends one request at a time, so the lock keeps its scans from being stored twice.
SCANNER = Statement(
    for_change(
        select(*columns_of(Scanner)).where(
            col(Scanner.key_hash) == bindparam("key_hash"),
            col(Scanner.vendor_id) == bindparam("vendor_id"),
        )
    ),
    Scanner,
)
SEEN = Statement(
    update(Scanner)
    .where(col(Scanner.id) == bindparam("scanner_id"))
    .values(
        seen_at=bindparam("moment", type_=DateTime(timezone=True)),
        clock_offset_ms=bindparam("offset_ms", type_=Integer()),
    )
    .returning(*columns_of(Scanner)),
    Scanner,
)


async def rely_on_scanner(unit: PreparedTransaction, vendor_id: UUID, scanner_key: str) -> Scanner:
    """Return the scanner of a vendor that has this key, locked.

    Raises `NotFound`, also for a scanner of another vendor, and `ScannerRevoked`.
    """
    scanner = await SCANNER.fetch_one(
        unit.connection, key_hash=hash_secret(scanner_key), vendor_id=vendor_id
    )
    if scanner is None:
        raise NotFound(field=["scannerKey"])
    scanner.ensure_active()
    return scanner


async def note_seen(unit: PreparedTransaction, scanner: Scanner, moment: datetime) -> None:
    """Note that a scanner is in use, at most once a minute."""
    if scanner.seen_at is None or scanner.seen_at < moment - SEEN_AGAIN:
        await SEEN.execute(
            unit.connection,
            scanner_id=scanner.id,
            moment=moment,
            offset_ms=scanner.clock_offset_ms,
        )
