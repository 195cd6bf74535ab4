"""The risk score of an attempt to redeem a voucher. Pure: it depends on its arguments alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import asin, cos, hypot, radians, sin, sqrt

from models.fraud.rules import Factor, FraudRule
from models.fraud.settings import MAX_SCORE
from models.redemptions.requests import ACCURATE_M

EARTH_KM = 6371.0088
MIN_TRAVEL_KM = 10.0  # below that, two shops of one street look like a journey
REGULAR_AFTER = timedelta(days=60)  # the age of an account whose history counts
MIN_VENDOR_DAY = 25  # attempts of a vendor in a day, below which its rate means nothing

Measures = Mapping[Factor, float]


@dataclass(frozen=True)
class ScanPlace:
    """Coordinates in degrees, and their accuracy in metres: None if the client sent none."""

    latitude: float
    longitude: float
    accuracy: float | None = None

    @property
    def is_accurate(self) -> bool:
        return self.accuracy is not None and self.accuracy < ACCURATE_M


@dataclass(frozen=True)
class Seen:
    """A place at a time."""

    place: ScanPlace
    at: datetime


@dataclass(frozen=True)
class ScoredAttempt:
    """The facts about an attempt that are measured. `counts` are of earlier attempts.

    `claimed_from` is where the holder was at the claim, `former` their last located attempt,
    `accounts` the number of accounts that were seen on the holder's device, `redeemed` that of the
    holder's redeemed vouchers. `usual` is the vendor's usual number of attempts in this hour of the
    week; None if it is not known. `static` is whether the QR code lacked the rotating code that
    the vendor prefers.
    """

    at: datetime
    claimed_at: datetime
    member_since: datetime
    shop: ScanPlace
    seen: ScanPlace | None = None
    claimed_from: ScanPlace | None = None
    former: Seen | None = None
    accounts: int = 0
    redeemed: int = 0
    counts: Measures | None = None
    usual: float | None = None
    vendor_hour: int = 0
    vendor_day: int = 0
    static: bool = False


@dataclass(frozen=True)
class FactorFinding:
    """A factor that gave points: its value, and the limit of the rule that it broke."""

    factor: Factor
    points: int
    value: float
    limit: float


@dataclass(frozen=True)
class Score:
    """A score from 0 to 100, and the findings that explain it. Their sum can be outside."""

    total: int
    findings: Sequence[FactorFinding]


def measure(attempt: ScoredAttempt) -> dict[Factor, float]:
    """Return what is known of the attempt. A factor without evidence is left out."""
    measured = dict(_places(attempt))
    measured[Factor.QUICK] = max(0.0, (attempt.at - attempt.claimed_at).total_seconds())
    age = attempt.at - attempt.member_since
    measured[Factor.YOUNG_ACCOUNT] = max(0.0, age / timedelta(days=1))
    if age > REGULAR_AFTER:
        measured[Factor.HISTORY] = float(attempt.redeemed)
    if attempt.accounts:
        measured[Factor.DEVICE_ACCOUNTS] = float(attempt.accounts)
    for factor, count in (attempt.counts or {}).items():
        # The attempt itself is one more, except among wrong codes.
        measured[factor] = count if factor is Factor.GUESSING else count + 1
    if attempt.usual is not None and attempt.vendor_day >= MIN_VENDOR_DAY:
        measured[Factor.VENDOR_RATE] = (attempt.vendor_hour + 1) / max(attempt.usual, 1.0)
    if attempt.static:
        measured[Factor.STATIC_CODE] = 1.0
    return {factor: round(value, 3) for factor, value in measured.items()}


def _places(attempt: ScoredAttempt) -> Iterator[tuple[Factor, float]]:
    seen, former = attempt.seen, attempt.former
    if seen is None or not seen.is_accurate:
        return
    yield Factor.FAR_FROM_SHOP, distance_km(seen, attempt.shop)
    if attempt.claimed_from is not None:
        yield Factor.FAR_FROM_CLAIM, distance_km(seen, attempt.claimed_from)
    if former is None:
        return
    distance = distance_km(seen, former.place)
    hours = max((attempt.at - former.at) / timedelta(hours=1), 1 / 60)
    if distance > MIN_TRAVEL_KM:
        yield Factor.TRAVEL_SPEED, distance / hours


def known_measures(stored: Mapping[str, float]) -> dict[Factor, float]:
    """Return stored measures. Those of factors that only another release knows are left out."""
    return {factor: stored[factor] for factor in Factor if factor in stored}


def score(measures: Measures, rules: Sequence[FraudRule]) -> Score:
    """Return the sum of the points of each factor, within 0 and 100, and its explanation."""
    findings = [found for factor in Factor if (found := _find(factor, measures, rules)) is not None]
    total = sum(one.points for one in findings)
    return Score(min(max(total, 0), MAX_SCORE), findings)


def _find(factor: Factor, measures: Measures, rules: Sequence[FraudRule]) -> FactorFinding | None:
    value = measures.get(factor)
    if value is None:
        return None
    broken = [rule for rule in rules if rule.factor is factor and rule.applies(value)]
    if not broken:
        return None
    rule = (min if factor.falling else max)(broken, key=lambda one: one.limit)
    return FactorFinding(factor, rule.points, value, rule.limit) if rule.points else None


def distance_km(one: ScanPlace, other: ScanPlace) -> float:
    """Return the great-circle distance, by the haversine formula."""
    latitude, other_latitude = radians(one.latitude), radians(other.latitude)
    north = sin((other_latitude - latitude) / 2)
    east = sin(radians(other.longitude - one.longitude) / 2)
    half = hypot(north, sqrt(cos(latitude) * cos(other_latitude)) * east)
    return 2 * EARTH_KM * asin(min(1.0, half))
