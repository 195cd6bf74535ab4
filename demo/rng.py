"""The random number generator of the demo data."""

from datetime import datetime, tzinfo
from random import Random
from uuid import UUID

from core.security.codes import LENGTH, SYMBOLS, check_symbol

OPENING_HOUR, CLOSING_HOUR = 9, 21


class SeededRandom(Random):
    """A seeded generator, so that every run produces the same data.

    The number of draws must not depend on the current time, or all later draws would differ.
    """

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def between(self, start: datetime, end: datetime) -> datetime:
        return start + (end - start) * self.random()

    def in_opening_hours(self, start: datetime, end: datetime, zone: tzinfo) -> datetime:
        """Return a time within opening hours if one of 4 draws is."""
        drawn = [self.between(start, end) for _ in range(4)]
        open_times = (t for t in drawn if OPENING_HOUR <= t.astimezone(zone).hour < CLOSING_HOUR)
        return next(open_times, drawn[0])

    def uuid7_at(self, time: datetime) -> UUID:
        """Return a UUIDv7 (RFC 9562) for that time, so that ids sort by creation time."""
        milliseconds = int(time.timestamp() * 1000)
        high = milliseconds << 16 | 7 << 12 | self.getrandbits(12)
        return UUID(int=high << 64 | 2 << 62 | self.getrandbits(62))

    def voucher_code(self) -> str:
        """Return a code like `core.security.codes`, which takes no seed."""
        body = "".join(self.choices(SYMBOLS, k=LENGTH))
        return f"{body[:5]}-{body[5:]}{check_symbol(body)}"
