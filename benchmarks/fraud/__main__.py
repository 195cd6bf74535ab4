"""Score a simulated month, and print precision and recall, of the whole and of each factor.

    .venv/bin/python -m benchmarks.fraud [SEED]

It uses the default rules and the pure score of the server, with counters in memory.
"""

import sys
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median

from benchmarks.fraud.month import START, Kind, SimulatedMonth, SimulatedScan, simulate
from models.fraud.rules import DAY, HOUR, Factor
from models.fraud.settings import FraudPolicy
from models.redemptions import RedemptionOutcome
from services.fraud.score import (
    MIN_VENDOR_DAY,
    ScanPlace,
    Score,
    ScoredAttempt,
    Seen,
    measure,
    score,
)

SEED = 20261130
POLICY = FraudPolicy()
FOUR_WEEKS = timedelta(days=28)


class CountedScans:
    """Times of attempts by subject, in order."""

    def __init__(self) -> None:
        self._times: defaultdict[object, list[datetime]] = defaultdict(list)

    def add(self, subject: object, at: datetime) -> None:
        insort(self._times[subject], at)

    def within(self, subject: object, until: datetime, seconds: float) -> int:
        times = self._times[subject]
        since = until - timedelta(seconds=seconds)
        return bisect_left(times, until) - bisect_left(times, since)


@dataclass(frozen=True)
class Scored:
    scan: SimulatedScan
    score: Score

    @property
    def is_fraud(self) -> bool:
        return self.scan.kind is not Kind.HONEST

    @property
    def outcome(self) -> RedemptionOutcome:
        return POLICY.advise(self.score.total)

    @property
    def is_stopped(self) -> bool:
        return self.outcome is not RedemptionOutcome.APPROVED


def score_month(month: SimulatedMonth) -> Iterator[Scored]:
    """Score the attempts in their order. One that is held or blocked counts as on the server."""
    counted, last = CountedScans(), dict[int, Seen]()
    redeemed: Counter[int] = Counter()
    for scan in month.scans:
        attempt = _attempt(month, counted, last, redeemed, scan)
        found = Scored(scan, score(measure(attempt), POLICY.rules))
        yield found
        if found.outcome is not RedemptionOutcome.HELD:
            person = scan.person
            subjects = (
                ("user", person.number),
                ("device", person.device),
                ("network", person.network),
                ("shop", scan.shop.number),
            )
            for subject in subjects:
                counted.add(subject, scan.at)
        for _ in range(scan.wrong_codes):
            counted.add(("till", scan.member), scan.at - timedelta(minutes=1))
        redeemed[scan.person.number] += found.outcome is RedemptionOutcome.APPROVED
        if attempt.seen and attempt.seen.is_accurate:
            last[scan.person.number] = Seen(attempt.seen, scan.at)


def _attempt(
    month: SimulatedMonth,
    counted: CountedScans,
    last: dict[int, Seen],
    redeemed: Counter[int],
    scan: SimulatedScan,
) -> ScoredAttempt:
    person, at, shop = scan.person, scan.at, ("shop", scan.shop.number)
    subjects = {
        Factor.USER_RATE: ("user", person.number),
        Factor.DEVICE_RATE: ("device", person.device),
        Factor.DEVICE_DAILY_RATE: ("device", person.device),
        Factor.ADDRESS_RATE: ("network", person.network),
        Factor.GUESSING: ("till", scan.member),
    }
    counts = {
        factor: float(counted.within(subject, at, POLICY.window(factor)))
        for factor, subject in subjects.items()
    }
    counts[Factor.GUESSING] += scan.wrong_codes
    day = counted.within(shop, at, DAY)
    former = last.get(person.number)
    recent = former is not None and at - former.at < timedelta(days=1)
    weeks = [counted.within(shop, at - timedelta(days=7 * week), HOUR) for week in range(1, 5)]
    return ScoredAttempt(
        at=at,
        claimed_at=scan.claimed_at,
        member_since=person.since,
        shop=ScanPlace(scan.shop.latitude, scan.shop.longitude),
        seen=ScanPlace(*scan.location) if scan.location else None,
        former=former if recent else None,
        accounts=len(month.accounts[person.device]),
        redeemed=min(3, person.redeemed + redeemed[person.number]),
        counts=counts,
        usual=median(weeks) if day >= MIN_VENDOR_DAY and at - START > FOUR_WEEKS else None,
        vendor_hour=counted.within(shop, at, HOUR),
        vendor_day=day,
    )


def interval(part: int, whole: int) -> str:
    """Return a share with the Wilson interval of 95 %."""
    if not whole:
        return "—"
    z, share = 1.96, part / whole
    middle = share + z * z / (2 * whole)
    width = z * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    low, high = ((middle + sign * width) / (1 + z * z / whole) for sign in (-1, 1))
    return f"{share:.3f} ({max(0.0, low):.3f}-{min(1.0, high):.3f})"


def report(found: Sequence[Scored]) -> Iterator[str]:
    fraud = [one for one in found if one.is_fraud]
    honest = [one for one in found if not one.is_fraud]
    stopped = [one for one in found if one.is_stopped]
    yield f"attempts {len(found):,}, dishonest {len(fraud):,}"
    yield f"precision {interval(sum(one.is_fraud for one in stopped), len(stopped))}"
    yield f"recall {interval(sum(one.is_stopped for one in fraud), len(fraud))}"
    outcomes = Counter(one.outcome for one in honest)
    held, blocked = outcomes[RedemptionOutcome.HELD], outcomes[RedemptionOutcome.BLOCKED]
    yield f"honest held {held} of {len(honest):,} ({held / len(honest):.3%}), blocked {blocked}"
    yield ""
    yield "| kind | attempts | stopped | blocked |\n|---|---|---|---|"
    for kind in Kind:
        own = [one for one in found if one.scan.kind is kind]
        blocked = sum(one.outcome is RedemptionOutcome.BLOCKED for one in own)
        share = interval(sum(one.is_stopped for one in own), len(own))
        yield f"| {kind} | {len(own):,} | {share} | {blocked} |"
    yield ""
    yield "| factor | attempts with it | precision | recall | precision among stopped |"
    yield "|---|---|---|---|---|"
    for factor in Factor:
        having = [one for one in found if any(f.factor is factor for f in one.score.findings)]
        caught = [one for one in having if one.is_fraud]
        among = [one for one in having if one.is_stopped]
        right = sum(one.is_fraud for one in among)
        yield (
            f"| {factor} | {len(having):,} | {interval(len(caught), len(having))}"
            f" | {interval(len(caught), len(fraud))} | {interval(right, len(among))} |"
        )


if __name__ == "__main__":
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else SEED
    print("\n".join(report(list(score_month(simulate(seed))))))  # noqa: T201 - the report
