"""The limits of bundles, checked again: a scanner that passed one has handed goods over.

Its scans are kept and decided like others, so that the voucher is used. They name the limit.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import any_, col, func, select

from core.security.signing_keys import SigningKeys
from core.statements.statement import Statement
from core.statements.units import PreparedTransaction
from models.events.check_in.scans import ScanLight
from models.redemptions import OfflineBreach, Redemption
from models.scanners import OfflineRedemptionDraft
from services.redemptions.stamps import BundleStamp, read_stamp

ACCEPTED = Statement(
    select(col(Redemption.bundle_at), func.count().label("accepted"))
    .where(
        col(Redemption.scanner_id) == bindparam("scanner_id"),
        col(Redemption.bundle_at) == any_(bindparam("bundles", type_=ARRAY(DateTime(True)))),
        col(Redemption.shown) == ScanLight.GREEN,
    )
    .group_by(col(Redemption.bundle_at))
)


def read_stamps(
    keys: SigningKeys, scanner_id: UUID, drafts: Sequence[OfflineRedemptionDraft]
) -> dict[UUID, BundleStamp]:
    """Return the stamps of scans by their ids. A scan without a valid one is left out."""
    found = {one.scan_id: read_stamp(keys, scanner_id, one.bundle) for one in drafts}
    return {id: stamp for id, stamp in found.items() if stamp is not None}


async def note_breaches(
    unit: PreparedTransaction,
    scanner_id: UUID,
    added: Sequence[Redemption],
    stamps: dict[UUID, BundleStamp],
) -> None:
    """Note the limit that each new GREEN scan has passed, in the order of the scanner's numbers.

    The scanner is locked, so its scans are counted one synchronization after the other. Those that
    arrive once the limit is reached are over it, whatever the times are that they state.
    """
    green = [one for one in added if one.shown is ScanLight.GREEN]
    bundles = {one.bundle_at for one in green if one.bundle_at is not None}
    accepted: Counter[datetime | None] = Counter()
    for row in await ACCEPTED.fetch(unit.connection, scanner_id=scanner_id, bundles=bundles):
        accepted[row["bundle_at"]] = row["accepted"]
    for one in sorted(green, key=lambda scan: scan.seq or 0):
        accepted[one.bundle_at] += 1
        stamp = stamps.get(one.scan_id) if one.scan_id else None
        if stamp is None or one.attempted_at > stamp.expires_at:
            one.breach = OfflineBreach.BUNDLE_EXPIRED
        elif accepted[one.bundle_at] > stamp.limit:
            one.breach = OfflineBreach.OFFLINE_LIMIT
