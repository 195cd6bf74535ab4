"""An oracle of slots: it asks the clock on the wall for each minute, one by one.

It shares no code with the engine, and none of its ideas: no bits, no pieces of offsets, no runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


@dataclass
class ClockPlan:
    """Hours of one resource and the visits that are wanted of it."""

    zone: str
    week: dict[int, list[tuple[int, int]]]  # by weekday, Monday is 0
    duration: int
    step: int
    from_opening: bool = True
    before: int = 0
    after: int = 0
    other_days: dict[date, list[tuple[int, int]]] = field(default_factory=dict)
    closed: set[date] = field(default_factory=set)
    lanes: Sequence[Sequence[tuple[datetime, datetime]]] = ((),)

    def spans(self, day: date) -> list[tuple[int, int]]:
        if day in self.closed:
            return []
        return self.other_days.get(day, self.week.get(day.weekday(), []))

    def starts(self, first: datetime, end: datetime) -> set[datetime]:
        """Return the starts of visits from an instant until another."""
        instants = self._minutes(first, end + timedelta(minutes=self.duration))
        walls = [instant.astimezone(ZoneInfo(self.zone)) for instant in instants]
        works = [self._works(wall) for wall in walls]
        return {
            instant
            for place, (instant, wall) in enumerate(zip(instants, walls, strict=True))
            if instant < end
            and self._on_step(wall)
            and all(works[place : place + self.duration])
            and any(self._is_free(lane, instant) for lane in self.lanes)
        }

    def _minutes(self, first: datetime, end: datetime) -> list[datetime]:
        moment, found = first.astimezone(UTC), []
        while moment < end:
            found.append(moment)
            moment += MINUTE
        return found

    def _works(self, wall: datetime) -> bool:
        return any(opens <= _of_day(wall) < closes for opens, closes in self.spans(wall.date()))

    def _on_step(self, wall: datetime) -> bool:
        if not self.from_opening:
            return self._works(wall) and _of_day(wall) % self.step == 0
        return any(
            opens <= _of_day(wall) < closes and (_of_day(wall) - opens) % self.step == 0
            for opens, closes in self.spans(wall.date())
        )

    def _is_free(self, claims: Sequence[tuple[datetime, datetime]], start: datetime) -> bool:
        kept_from = start - timedelta(minutes=self.before)
        kept_until = start + timedelta(minutes=self.duration + self.after)
        return not any(first < kept_until and kept_from < end for first, end in claims)


def _of_day(wall: datetime) -> int:
    return wall.hour * 60 + wall.minute
