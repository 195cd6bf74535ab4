"""Scores a presented voucher before its redemption: facts, counters, then the score."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from core.clock import now
from core.errors import Unavailable
from core.outages import DATABASE_ERRORS
from core.redis.timeouts import RedisAllowance
from core.security.codes import read_code
from core.security.rotating_codes import split_scanned
from core.security.signing_keys import BadSignature, SigningKeys, TokenExpired, WrongType
from models.fraud.rules import DAY, HOUR, Factor
from models.fraud.settings import FraudMode, FraudPolicy, RotationMode, policy_of
from models.redemptions import CounterState, RedemptionOutcome
from models.redemptions.requests import RedemptionRequest
from services.fraud.counters import (
    AttemptCounter,
    AttemptCounts,
    Counted,
    CountedSpan,
    FraudCounters,
)
from services.fraud.facts import SETTINGS, USUAL, FactsReader, find_facts
from services.fraud.score import (
    MIN_VENDOR_DAY,
    Measures,
    ScanPlace,
    Score,
    ScoredAttempt,
    Seen,
    measure,
    score,
)
from services.viewer import Viewer

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Assessment:
    """The score of a voucher that is presented, before its redemption.

    `voucher_id` is the voucher it is of, `cleared` whether a reviewer has approved it before.
    """

    voucher_id: UUID
    user_id: UUID
    settings_id: UUID | None
    policy: FraudPolicy
    score: Score
    measures: Measures
    counters: CounterState
    counted: Sequence[AttemptCounter]
    cleared: bool

    @property
    def advised(self) -> RedemptionOutcome:
        """Return the outcome by the score alone."""
        if self.cleared:
            return RedemptionOutcome.APPROVED
        return self.policy.advise(self.score.total)

    @property
    def outcome(self) -> RedemptionOutcome:
        """Return the outcome of a valid voucher. In SHADOW mode, the score changes nothing."""
        acts = self.policy.mode is FraudMode.ACT
        return self.advised if acts else RedemptionOutcome.APPROVED


@dataclass(frozen=True)
class RiskCheck:
    """The assessment of a voucher before its redemption. None unless it is one of the vendor."""

    counters: FraudCounters
    allowance: RedisAllowance
    assessment: Assessment | None = None


class Assessor:
    """Assesses vouchers, with the counters of all processes in Redis."""

    def __init__(self, counters: FraudCounters, keys: SigningKeys) -> None:
        self.counters = counters
        self._keys = keys

    async def assess(
        self,
        fetch: FactsReader,
        viewer: Viewer,
        presented: RedemptionRequest,
        *,
        vendor_id: UUID,
        allowance: RedisAllowance,
    ) -> RiskCheck:
        """Assess a voucher of this vendor. Any other one has no assessment.

        A voucher whose facts cannot be read is redeemed without a score.
        """
        try:
            found = await self._assess(fetch, viewer, presented, vendor_id, allowance)
        except (*DATABASE_ERRORS, Unavailable) as error:
            log.warning("fraud.not_assessed", error=str(error))
            found = None
        return RiskCheck(self.counters, allowance, found)

    async def _assess(
        self,
        fetch: FactsReader,
        viewer: Viewer,
        presented: RedemptionRequest,
        vendor_id: UUID,
        allowance: RedisAllowance,
    ) -> Assessment | None:
        given, member_id, at = self._read(presented), viewer.user_id, now()
        if given is None or member_id is None or not viewer.acts_at(vendor_id):
            return None
        facts = await find_facts(fetch, vendor_id, member_id, at=at, **given)
        if facts is None:
            return None
        settings_id, policy = await find_policy(fetch, vendor_id)
        windows = _windows(policy, facts, vendor_id, member_id)
        counts = await self.counters.read([*windows.values()], at, allowance)
        hour, day = (_vendor(vendor_id, seconds) for seconds in (HOUR, DAY))
        attempt = ScoredAttempt(
            at=at,
            claimed_at=facts["claimed_at"],
            member_since=facts["member_since"],
            shop=ScanPlace(facts["latitude"], facts["longitude"]),
            seen=_place(presented),
            claimed_from=_claimed_from(facts),
            former=_former(facts),
            accounts=facts["accounts"],
            redeemed=facts["redeemed"],
            counts=_counts(windows, counts),
            vendor_hour=counts.of(hour) or 0,
            vendor_day=counts.of(day) or 0,
            static=_lacks_code(policy, presented),
            usual=await _find_usual(fetch, vendor_id, at, counts.of(day) or 0),
        )
        measures = measure(attempt)
        return Assessment(
            voucher_id=facts["voucher_id"],
            user_id=facts["user_id"],
            settings_id=settings_id,
            policy=policy,
            score=score(measures, policy.rules),
            measures=measures,
            counters=counts.state,
            counted=[*{one.counter for key, one in windows.items() if key is not Factor.GUESSING}],
            cleared=facts["cleared"],
        )

    def _read(self, presented: RedemptionRequest) -> dict[str, Any] | None:
        """Return the id or the code of the voucher that is presented."""
        if presented.code is not None:
            code = read_code(presented.code)
            return None if code is None else {"voucher_id": None, "code": code}
        try:
            voucher_id, _ = self._keys.read_voucher(split_scanned(presented.token or "").token)
        except (WrongType, BadSignature, TokenExpired):
            return None
        return {"voucher_id": voucher_id, "code": None}


async def find_policy(fetch: FactsReader, vendor_id: UUID) -> tuple[UUID | None, FraudPolicy]:
    """Return the settings of a vendor: its own, or the platform's, or the defaults without an id.

    Their newest version applies.
    """
    rows = await fetch(SETTINGS, vendor_id=vendor_id)
    if not rows:
        return None, FraudPolicy()
    return rows[0].id, policy_of(rows[0])


def till_of(vendor_id: UUID, member_id: UUID) -> AttemptCounter:
    """Return the counter of the wrong codes of a member of a vendor."""
    return AttemptCounter(Counted.TILL, f"{vendor_id}:{member_id}")


def _vendor(vendor_id: UUID, seconds: int) -> CountedSpan:
    return CountedSpan(AttemptCounter(Counted.VENDOR, str(vendor_id)), seconds)


def _windows(
    policy: FraudPolicy, facts: Any, vendor_id: UUID, member_id: UUID
) -> dict[Factor | int, CountedSpan]:
    """Return what is counted: by factor, and the hour and the day of the vendor by their length."""
    subjects: dict[Factor, AttemptCounter] = {
        Factor.USER_RATE: AttemptCounter(Counted.USER, str(facts["user_id"])),
        Factor.GUESSING: till_of(vendor_id, member_id),
    }
    if facts["device_hash"] is not None:
        device = AttemptCounter(Counted.DEVICE, facts["device_hash"].hex())
        subjects |= {Factor.DEVICE_RATE: device, Factor.DEVICE_DAILY_RATE: device}
    if facts["address_hash"] is not None:
        subjects[Factor.ADDRESS_RATE] = AttemptCounter(Counted.ADDRESS, facts["address_hash"].hex())
    found: dict[Factor | int, CountedSpan] = {
        factor: CountedSpan(counter, policy.window(factor)) for factor, counter in subjects.items()
    }
    return found | {seconds: _vendor(vendor_id, seconds) for seconds in (HOUR, DAY)}


def _counts(windows: dict[Factor | int, CountedSpan], counts: AttemptCounts) -> dict[Factor, float]:
    found = {key: counts.of(window) for key, window in windows.items()}
    return {
        key: float(count)
        for key, count in found.items()
        if isinstance(key, Factor) and count is not None
    }


async def _find_usual(fetch: FactsReader, vendor_id: UUID, at: datetime, day: int) -> float | None:
    """Return the usual attempts of a vendor in an hour, unless it has too few to compare."""
    if day < MIN_VENDOR_DAY:
        return None
    (row,) = await fetch(USUAL, vendor_id=vendor_id, at=at)
    return None if row["usual"] is None else float(row["usual"])


def _lacks_code(policy: FraudPolicy, presented: RedemptionRequest) -> bool:
    """Return whether a QR code lacks the rotating code that the vendor prefers."""
    if policy.rotation is not RotationMode.PREFER or presented.token is None:
        return False
    return split_scanned(presented.token).rotating is None


def _place(presented: RedemptionRequest) -> ScanPlace | None:
    given = presented.location
    return None if given is None else ScanPlace(given.latitude, given.longitude, given.accuracy)


def _claimed_from(facts: Any) -> ScanPlace | None:
    if facts["claim_latitude"] is None:
        return None
    return ScanPlace(facts["claim_latitude"], facts["claim_longitude"])


def _former(facts: Any) -> Seen | None:
    if facts["former_at"] is None:
        return None
    return Seen(ScanPlace(facts["former_latitude"], facts["former_longitude"]), facts["former_at"])
