"""Scans of tickets that were sent before: an id names one scan, with one content."""

from collections.abc import Mapping
from uuid import UUID

from core.security.codes import strip_noise
from core.security.random_secrets import hash_secret
from models.errors import IdempotencyKeyReused
from models.events.check_in.drafts import OfflineScanDraft, PresentedTicket, ScanDraft, SyncDraft
from models.events.check_in.scans import Scan, ScanMode


def hash_presented(presented: PresentedTicket) -> bytes:
    """Hash what was presented, so that a retry is recognized."""
    return hash_secret(strip_noise(presented.token or presented.code or ""))


def repeats(draft: ScanDraft, list_id: UUID, stored: Scan) -> bool:
    """Return whether a scan is the stored one, which a scanner may have decided meanwhile.

    Rows without a hash are of a former release.
    """
    hashes = {None, hash_presented(draft)}
    same = stored.list_id == list_id and stored.presented_hash in hashes
    return same and stored.direction is draft.direction


def ensure_same(list_id: UUID, draft: SyncDraft, known: Mapping[UUID, Scan]) -> None:
    """Raise `IdempotencyKeyReused`, with the path to it, for an id that names another scan.

    Its stored outcome is not that of the new scan, which would be lost.
    """
    first: dict[UUID, OfflineScanDraft] = {}
    for place, one in enumerate(draft.scans):
        stored = known.get(one.scan_id)
        fits = stored is None or (repeats(one, list_id, stored) and _has_same_place(one, stored))
        if first.setdefault(one.scan_id, one) != one or not fits:
            raise IdempotencyKeyReused(field=["scans", str(place), "scanId"])


def _has_same_place(draft: OfflineScanDraft, stored: Scan) -> bool:
    """Return whether the place in the order is that of the stored scan.

    One that was checked in with a network, so that its answer was lost, has the server's.
    """
    given = draft.seq, draft.scanned_at, draft.shown, draft.gate_id
    known = stored.seq, stored.scanned_at, stored.shown, stored.gate_id
    return stored.mode is ScanMode.ONLINE or known == given
