"""Times in texts: those of the place, and those of a reader elsewhere."""

from datetime import datetime
from zoneinfo import ZoneInfo

from core.errors import UserMessage
from core.wall import wall
from services.i18n import language_of, translate, write_time

ABROAD = UserMessage("{time} there ({own} for you)")


def describe_time(
    local: datetime, moment: datetime, zone: str, *, own_zone: str | None, locale: str
) -> str:
    """Return the wall time of an instant at a place, whose time zone is `zone`.

    A reader in a zone with another distance to UTC at that instant gets their own time as well.
    """
    if own_zone is None or _offset(moment, own_zone) == _offset(moment, zone):
        return _shown(local, moment, zone, locale)
    own = _shown(wall(moment, own_zone), moment, own_zone, locale)
    there = _shown(local, moment, zone, locale)
    return translate(UserMessage(ABROAD.template, time=there, own=own), [locale])


def _offset(moment: datetime, zone: str) -> object:
    return moment.astimezone(ZoneInfo(zone)).utcoffset()


def _shown(local: datetime, moment: datetime, zone: str, locale: str) -> str:
    """Return a wall time, with the distance to UTC if it comes twice as clocks are set back."""
    there = moment.astimezone(ZoneInfo(zone))
    offsets = {there.replace(fold=fold).utcoffset() for fold in (0, 1)}
    offset = "" if len(offsets) == 1 else there.isoformat()[-len("+00:00") :]
    return write_time(local, language_of([locale])) + offset
