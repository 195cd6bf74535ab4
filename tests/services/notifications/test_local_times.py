"""Times in texts are those of the place, and of a reader elsewhere."""

from collections.abc import Iterable
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
        (
            WINTER,
            "Pacific/Auckland",
            "de",
            "1. Januar 2027, 15:30 dort (für dich 1. Januar 2027, 23:00)",
        ),
        (WINTER, None, "hi", "1 जनवरी 2027, 3:30 pm"),
    ],
)
def test_describe_time(moment: datetime, own_zone: str | None, locale: str, expected: str) -> None:
    local = wall(moment, "Asia/Kolkata")
    shown = describe_time(local, moment, "Asia/Kolkata", own_zone=own_zone, locale=locale)
    assert shown == expected


def test_texts_have_no_other_wall_times() -> None:
    """One that is written elsewhere would be read as the reader's own."""
    refused = "models/events/series.py"  # what a member entered, in the zone of their date
    assert files_with('isoformat(" ", "minutes")') == {refused}
    assert files_with("write_time(") == {
        "services/i18n.py",
        "services/notifications/local_times.py",
    }


def test_texts_have_no_days_that_are_written_by_hand() -> None:
    """They are values of messages, which are written as the reader's language does."""
    for_machines = {
        "models/offers/rules.py",  # what a failed rule was given
        "services/payouts/files/formats.py",
    }
    of_all_languages = {"services/orders/dates.py"}
    found = files_with(
        ":%Y-%m-%d", "%d %b %Y", ".date().isoformat(),", layers=("services", "models")
    )
    assert found == for_machines | of_all_languages


def files_with(*texts: str, layers: Iterable[str] = LAYERS) -> set[str]:
    return {
        path.relative_to(HOME).as_posix()
        for layer in layers
        for path in (HOME / layer).rglob("*.py")
        if any(text in path.read_text() for text in texts)
    }


def test_a_repeated_hour_has_its_distance_to_utc() -> None:
    moment = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    shown = [
        describe_time(
            wall(moment, "Europe/Berlin"), moment, "Europe/Berlin", own_zone=None, locale=locale
        )
        for locale in ("en", "de")
    ]
    assert shown == ["2026-10-25 02:30+01:00", "25. Oktober 2026, 02:30+01:00"]
