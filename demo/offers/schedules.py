"""When offers run, and their resulting state."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from demo.rng import SeededRandom
from models.offers.offers import OfferState


class OfferPhase(Enum):
    """Values: the resulting state and its share of all offers."""

    RUNNING = OfferState.PUBLISHED, 0.60
    ENDING_SOON = OfferState.PUBLISHED, 0.06
    UPCOMING = OfferState.PUBLISHED, 0.07
    DRAFTED = OfferState.DRAFT, 0.06
    PAUSED = OfferState.PAUSED, 0.05
    OVER = OfferState.EXPIRED, 0.12
    ARCHIVED = OfferState.ARCHIVED, 0.04

    @property
    def state(self) -> OfferState:
        return self.value[0]

    @classmethod
    def random(cls, rng: SeededRandom) -> "OfferPhase":
        phases = list(cls)
        return rng.choices(phases, [phase.value[1] for phase in phases])[0]


@dataclass(frozen=True)
class OfferSchedule:
    """Timestamps. `claims_end` is the last possible time of a claim until now."""

    created_at: datetime
    published_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    claims_end: datetime


def random_schedule(
    rng: SeededRandom, phase: OfferPhase, now: datetime, zone: tzinfo
) -> OfferSchedule:
    """Return a schedule from midnight to midnight in `zone`.

    Offers of the phase ENDING_SOON end within 40 hours, at a full hour.
    """
    first, last = _random_days(rng, phase)
    starts_at, ends_at = midnight(now, zone, first), midnight(now, zone, last)
    if phase is OfferPhase.ENDING_SOON:
        ends_at = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=last)
    return make_schedule(rng, phase, now, starts_at, ends_at)


def make_schedule(
    rng: SeededRandom, phase: OfferPhase, now: datetime, starts_at: datetime, ends_at: datetime
) -> OfferSchedule:
    """Return a schedule that was created up to 200 hours before the start."""
    latest = min(starts_at, now)
    created_at = latest - timedelta(hours=rng.uniform(2, 200))
    published_at = created_at + (latest - created_at) * rng.uniform(0.02, 0.6)
    stopped = phase in {OfferPhase.PAUSED, OfferPhase.ARCHIVED}
    return OfferSchedule(
        created_at=created_at,
        published_at=None if phase is OfferPhase.DRAFTED else published_at,
        starts_at=starts_at,
        ends_at=ends_at,
        claims_end=min(now - timedelta(days=1) if stopped else now, ends_at),
    )


def _random_days(rng: SeededRandom, phase: OfferPhase) -> tuple[int, int]:
    """Return first and last day relative to today, for ENDING_SOON the last in hours."""
    start = rng.randint(3, 35)
    long, short = int(rng.triangular(4, 120, 30)), rng.randint(3, 40)
    match phase:
        case OfferPhase.RUNNING | OfferPhase.PAUSED:
            return -start, long
        case OfferPhase.ENDING_SOON:
            return -start, short
        case OfferPhase.UPCOMING | OfferPhase.DRAFTED:
            return start // 2 + 1, start + long
    return -start - short, -start // 2


def midnight(now: datetime, zone: tzinfo, days: int) -> datetime:
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=days)).astimezone(UTC)
