"""Chance that falls the same way each time, and what is drawn from it."""

from datetime import datetime, tzinfo
from random import Random
from uuid import UUID

from core.codes import LENGTH, SYMBOLS, check_symbol

OPENS, CLOSES = 9, 21


class Chance(Random):
    """A seeded Random. How often it is drawn from must not depend on the time of day."""

    def happens(self, share: float) -> bool:
        return self.random() < share

    def between(self, start: datetime, end: datetime) -> datetime:
        return start + (end - start) * self.random()

    def in_opening_hours(self, start: datetime, end: datetime, zone: tzinfo) -> datetime:
        """A moment between the two, by day on the zone's clock if that can be had."""
        moments = [self.between(start, end) for _ in range(4)]
        by_day = (m for m in moments if OPENS <= m.astimezone(zone).hour < CLOSES)
        return next(by_day, moments[0])

    def id_at(self, moment: datetime) -> UUID:
        """A UUIDv7 of that moment (RFC 9562), so that rows sort by when they were made."""
        milliseconds = int(moment.timestamp() * 1000)
        high = milliseconds << 16 | 7 << 12 | self.getrandbits(12)
        return UUID(int=high << 64 | 2 << 62 | self.getrandbits(62))

    def code(self) -> str:
        """A voucher's short code, as `core.codes` makes them, but the same each time."""
        body = "".join(self.choices(SYMBOLS, k=LENGTH))
        return f"{body[:5]}-{body[5:]}{check_symbol(body)}"
