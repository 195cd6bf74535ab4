"""Dates as options of lines: the time at which what is ordered is had."""

from datetime import datetime
from typing import Any

from core.errors import UserMessage
from services.i18n import LANGUAGES, translate

DATE_OPTION = {language: translate(UserMessage("Date"), [language]) for language in LANGUAGES}


def describe_date(locale: str, local_start: datetime) -> dict[str, Any]:
    """Return the start as clocks at the place show it."""
    start = f"{local_start:%Y-%m-%d %H:%M}"
    return {
        "key": "date",
        "name": DATE_OPTION,
        "value": {"key": start, "name": {locale: start}},
    }
