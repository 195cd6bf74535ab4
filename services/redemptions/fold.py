"""The outcomes of all scans of a voucher, whatever the order in which they arrived.

Scans without a network arrive later. "The first to arrive wins" would let the order of arrival
decide; here the order of the corrected times does, so all orders of arrival have the same end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from models.redemptions import RedemptionOutcome, RedemptionReason


@dataclass(frozen=True)
class VoucherHistory:
    """A voucher with what was true of it in the past.

    `superseded` are the times at which codes of its generations have ended. `closed_until` is the
    time of its last reversal: scans up to it are decided as if the reversed redemption stood.
    `spent` is the step of the last rotating code of a generation that a reversed redemption used.
    """

    starts_at: datetime
    expires_at: datetime
    cancelled: bool = False
    superseded: Mapping[int, datetime] = field(default_factory=dict)
    closed_until: datetime | None = None
    spent: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FoldedScan:
    """A scan of a voucher that was valid or was shown as valid, so that goods were handed over.

    `decided` scans were made with a network: the server found them valid at the time. `moment` is
    that of the scan, by the server's clock. `step` is that of its rotating code.
    """

    id: UUID
    moment: datetime
    scanner_id: UUID | None
    seq: int
    generation: int | None = None
    decided: bool = False
    step: int | None = None

    @property
    def place(self) -> tuple[datetime, UUID, int, UUID]:
        return self.moment, self.scanner_id or UUID(int=0), self.seq, self.id


class FoldedOutcome(NamedTuple):
    outcome: RedemptionOutcome
    reason: RedemptionReason


APPROVED = FoldedOutcome(RedemptionOutcome.APPROVED, RedemptionReason.APPROVED)


def fold(history: VoucherHistory, scans: Sequence[FoldedScan]) -> dict[UUID, FoldedOutcome]:
    """Return the verdict on each scan: at most one is APPROVED, the first that is valid.

    The others are DOUBLE, as goods were handed over although the voucher was used or cancelled, or
    REFUSED, as their code was not valid at the time.
    """
    verdicts: dict[UUID, FoldedOutcome] = {}
    used, spent = False, dict(history.spent)
    for scan in sorted(scans, key=lambda one: one.place):
        reason = _refusal(history, scan)
        if reason is None and not scan.decided and _is_spent(spent, scan):
            reason = RedemptionReason.STEP_USED
        if reason is None and used:
            reason = RedemptionReason.ALREADY_REDEEMED
        verdicts[scan.id] = APPROVED if reason is None else _refused(reason)
        if reason is None:
            used, spent[scan.generation or 0] = True, -1 if scan.step is None else scan.step
    return verdicts


def _is_spent(spent: Mapping[int, int], scan: FoldedScan) -> bool:
    """Return whether an accepted scan had the rotating code of this one, or a later code."""
    return scan.step is not None and scan.step <= spent.get(scan.generation or 0, -1)


def _refusal(history: VoucherHistory, scan: FoldedScan) -> RedemptionReason | None:
    """Return why a scan was not valid, whatever the other scans are."""
    if scan.decided:
        return None
    ended = history.superseded.get(scan.generation or 0)
    closed = history.closed_until
    conditions = (
        (ended is not None and ended <= scan.moment, RedemptionReason.OLD_GENERATION),
        (scan.moment < history.starts_at, RedemptionReason.NOT_YET),
        (scan.moment >= history.expires_at, RedemptionReason.EXPIRED),
        (history.cancelled, RedemptionReason.CANCELLED),
        (closed is not None and scan.moment <= closed, RedemptionReason.ALREADY_REDEEMED),
    )
    return next((reason for holds, reason in conditions if holds), None)


def _refused(reason: RedemptionReason) -> FoldedOutcome:
    given = {
        RedemptionReason.ALREADY_REDEEMED,
        RedemptionReason.CANCELLED,
        RedemptionReason.STEP_USED,
    }
    outcome = RedemptionOutcome.DOUBLE if reason in given else RedemptionOutcome.REFUSED
    return FoldedOutcome(outcome, reason)
