"""Wall times: what a clock on the wall of a place shows, and the instants that they are."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def instant(local: datetime, zone: str) -> datetime | None:
    """Return the instant of a wall time, None if clocks skip it.

    A wall time that comes twice is the first of the two, or the second with `fold=1`.
    """
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return moment if wall(moment, zone) == local else None


def wall(moment: datetime, zone: str) -> datetime:
    """Return what clocks in a zone show at an instant, with its `fold`."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def later(local: datetime, zone: str, length: timedelta) -> datetime:
    """Return the wall time that comes a real length of time after another one."""
    start = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return wall(start + length, zone)
