"""Times in texts are those of the place, and of a reader elsewhere."""

from datetime import UTC, datetime

import pytest

from core.settings import HOME
from core.wall import wall
from services.notifications.local_times import describe_time
from tests.test_architecture import LAYERS

SUMMER = datetime(2027, 7, 1, 10, tzinfo=UTC)
WINTER = datetime(2027, 1, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "own_zone", "locale", "expected"),
    [
        (SUMMER, None, "en", "2027-07-01 15:30"),
        (SUMMER, "Asia/Colombo", "en", "2027-07-01 15:30"),
        (SUMMER, "Europe/Berlin", "en", "2027-07-01 15:30 there (2027-07-01 12:00 for you)"),
        (WINTER, "Europe/Berlin", "en", "2027-01-01 15:30 there (2027-01-01 11:00 for you)"),
        (WINTER, "Pacific/Auckland", "de", "2027-01-01 15:30 dort (für dich 2027-01-01 23:00)"),
    ],
)
def test_describe_time(moment: datetime, own_zone: str | None, locale: str, expected: str) -> None:
    local = wall(moment, "Asia/Kolkata")
    shown = describe_time(local, moment, "Asia/Kolkata", own_zone=own_zone, locale=locale)
    assert shown == expected


def test_texts_have_no_other_wall_times() -> None:
    """One that is written elsewhere would be read as the reader's own."""
    writers = {
        path.relative_to(HOME).as_posix()
        for layer in LAYERS
        for path in (HOME / layer).rglob("*.py")
        if 'isoformat(" ", "minutes")' in path.read_text()
    }
    refused = "models/events/series.py"  # what a member entered, in the zone of their date
    assert writers == {"services/notifications/local_times.py", refused}
