"""When offers run, and in what state that leaves them now."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from demo.chance import Chance
from models.offers.offers import OfferState


class Plan(Enum):
    """What has become of an offer."""

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
    def draw(cls, chance: Chance) -> "Plan":
        plans = list(cls)
        return chance.choices(plans, [plan.value[1] for plan in plans])[0]


@dataclass(frozen=True)
class Window:
    """The moments of an offer's life; `claims_end` is when no more were taken, up to now."""

    created_at: datetime
    published_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    claims_end: datetime


def draw_window(chance: Chance, plan: Plan, now: datetime, zone: tzinfo) -> Window:
    """Offers start and end at midnight on the vendor's clock; only those ending soon don't."""
    first, last = _draw_days(chance, plan)
    starts_at, ends_at = midnight(now, zone, first), midnight(now, zone, last)
    if plan is Plan.ENDING_SOON:
        ends_at = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=last)
    return window_of(chance, plan, now, starts_at, ends_at)


def window_of(
    chance: Chance, plan: Plan, now: datetime, starts_at: datetime, ends_at: datetime
) -> Window:
    """Written some days before the start, and published soon after."""
    eve = min(starts_at, now)
    created_at = eve - timedelta(hours=chance.uniform(2, 200))
    published_at = created_at + (eve - created_at) * chance.uniform(0.02, 0.6)
    stopped = plan in {Plan.PAUSED, Plan.ARCHIVED}
    return Window(
        created_at=created_at,
        published_at=None if plan is Plan.DRAFTED else published_at,
        starts_at=starts_at,
        ends_at=ends_at,
        claims_end=min(now - timedelta(days=1) if stopped else now, ends_at),
    )


def _draw_days(chance: Chance, plan: Plan) -> tuple[int, int]:
    """The first and the last day, counted from today; the last in hours when it ends soon."""
    start = chance.randint(3, 35)
    long, short = int(chance.triangular(4, 120, 30)), chance.randint(3, 40)
    match plan:
        case Plan.RUNNING | Plan.PAUSED:
            return -start, long
        case Plan.ENDING_SOON:
            return -start, short
        case Plan.UPCOMING | Plan.DRAFTED:
            return start // 2 + 1, start + long
    return -start - short, -start // 2


def midnight(now: datetime, zone: tzinfo, days: int) -> datetime:
    """When the day that many days from today begins on the zone's clock."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today + timedelta(days=days)).astimezone(UTC)
