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


class ReversedUse(NamedTuple):
    """The times of a redemption that was reversed, and of its reversal."""

    moment: datetime
    reversed_at: datetime


@dataclass(frozen=True)
class VoucherHistory:
    """A voucher with what was true of it in the past.

    `superseded` are the times at which codes of its generations have ended. `reversed_uses` are
    those that were taken back: scans up to a reversal are decided as if its redemption stood.
    `max_uses` is how often it can be used; what is left of a balance was decided with a network.
    `spent` is the step of the last rotating code of a generation that a reversed redemption used.
    """

    starts_at: datetime
    expires_at: datetime
    cancelled: bool = False
    superseded: Mapping[int, datetime] = field(default_factory=dict)
    reversed_uses: Sequence[ReversedUse] = ()
    max_uses: int = 1
    spent: Mapping[int, int] = field(default_factory=dict)

    def closed_uses(self, moment: datetime) -> int:
        """Return how many reversed uses stood at once, at a moment or later.

        Of two that followed each other, the second took the place that the first had given back.
        """
        open_ones = [one for one in self.reversed_uses if moment <= one.reversed_at]
        times = [moment, *(one.moment for one in open_ones)]
        stood = (
            sum(one.moment <= max(time, moment) <= one.reversed_at for one in open_ones)
            for time in times
        )
        return max(stood, default=0)


@dataclass(frozen=True)
class FoldedScan:
    """A scan of a voucher that was valid or was shown as valid, so that goods were handed over.

    `decided` scans were made with a network: the server found them valid at the time. `moment` is
    that of the scan, by the server's clock. `rule_failed` scans are refused by the offer's rules.
    `step` is that of its rotating code.
    """

    id: UUID
    moment: datetime
    scanner_id: UUID | None
    seq: int
    generation: int | None = None
    decided: bool = False
    rule_failed: bool = False
    step: int | None = None

    @property
    def place(self) -> tuple[datetime, UUID, int, UUID]:
        return self.moment, self.scanner_id or UUID(int=0), self.seq, self.id


class FoldedOutcome(NamedTuple):
    outcome: RedemptionOutcome
    reason: RedemptionReason


APPROVED = FoldedOutcome(RedemptionOutcome.APPROVED, RedemptionReason.APPROVED)


def fold(history: VoucherHistory, scans: Sequence[FoldedScan]) -> dict[UUID, FoldedOutcome]:
    """Return the verdict on each scan: APPROVED are the first valid ones, of one use mostly one.

    The others are DOUBLE, as goods were handed over although the voucher was used or cancelled, or
    REFUSED, as their code was not valid at the time.
    """
    verdicts: dict[UUID, FoldedOutcome] = {}
    used, spent = 0, dict(history.spent)
    for scan in sorted(scans, key=lambda one: one.place):
        reason = _refusal(history, scan)
        if reason is None and not scan.decided and _is_spent(spent, scan):
            reason = RedemptionReason.STEP_USED
        if reason is None and used + history.closed_uses(scan.moment) >= history.max_uses:
            reason = RedemptionReason.ALREADY_REDEEMED
        verdicts[scan.id] = APPROVED if reason is None else _refused(reason)
        if reason is None:
            used += 1
            _spend(spent, scan)
    return verdicts


def _spend(spent: dict[int, int], scan: FoldedScan) -> None:
    if scan.step is not None:
        generation = scan.generation or 0
        spent[generation] = max(scan.step, spent.get(generation, -1))


def _is_spent(spent: Mapping[int, int], scan: FoldedScan) -> bool:
    """Return whether an accepted scan had the rotating code of this one, or a later code."""
    return scan.step is not None and scan.step <= spent.get(scan.generation or 0, -1)


def _refusal(history: VoucherHistory, scan: FoldedScan) -> RedemptionReason | None:
    """Return why a scan was not valid, whatever the other scans are."""
    if scan.decided:
        return None
    ended = history.superseded.get(scan.generation or 0)
    conditions = (
        (ended is not None and ended <= scan.moment, RedemptionReason.OLD_GENERATION),
        (scan.moment < history.starts_at, RedemptionReason.NOT_YET),
        (scan.moment >= history.expires_at, RedemptionReason.EXPIRED),
        (history.cancelled, RedemptionReason.CANCELLED),
        (scan.rule_failed, RedemptionReason.RULE_FAILED),
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
