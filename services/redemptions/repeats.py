"""Scans that were sent before: an id names one scan, with one content."""

from collections.abc import Mapping
from uuid import UUID

from core.security.random_secrets import hash_secret
from models.errors import IdempotencyKeyReused
from models.events.check_in.scans import ScanMode
from models.redemptions import Redemption
from models.scanners import OfflineRedemptionDraft, RedemptionsDraft
from services.redemptions.scanned import ScannedVoucher


def ensure_same(
    draft: RedemptionsDraft,
    known: Mapping[UUID | None, Redemption],
    read: Mapping[UUID, ScannedVoucher],
) -> None:
    """Raise `IdempotencyKeyReused`, with the path to it, for an id that names another scan.

    Its stored result is not that of the new scan, which would be lost.
    """
    first: dict[UUID, OfflineRedemptionDraft] = {}
    for place, one in enumerate(draft.scans):
        stored = known.get(one.scan_id)
        repeats = stored is None or _repeats(one, stored, read[one.scan_id].voucher_id)
        if first.setdefault(one.scan_id, one) != one or not repeats:
            raise IdempotencyKeyReused(field=["scans", str(place), "scanId"])


def _repeats(draft: OfflineRedemptionDraft, stored: Redemption, voucher_id: UUID | None) -> bool:
    """Return whether a scan is the stored one.

    One that was redeemed with a network, so that its answer was lost, has the same code alone. Rows
    without a hash are of a former release, or of a typed code.
    """
    if stored.token_hash is None:
        same = stored.voucher_id in {None, voucher_id}
    else:
        same = stored.token_hash == hash_secret(draft.token)
    if stored.mode is ScanMode.ONLINE:
        return same
    given = draft.seq, draft.scanned_at, draft.shown
    return same and (stored.seq, stored.scanned_at, stored.shown) == given
