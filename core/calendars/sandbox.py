"""Reads calendars of any origin in a process of their own, with a limit of memory and time.

A rule that repeats an entry each second, or never, keeps a reader busy for hours.
"""

import json
import signal
import sys
from datetime import UTC, datetime

import structlog

from core.calendars.reading import BusyTime, CalendarWindow, NoCalendar
from core.calendars.sandbox_process import FAILED_BY_LIMIT
from core.runtime.sandbox import SandboxUnavailable, run_in_sandbox

MAX_WAIT_SECONDS = 60  # on a busy machine; the process itself is limited by its CPU time
COMMAND = (sys.executable, "-E", "-s", "-m", "core.calendars.sandbox_process")
FAILED_BY_FILE = {FAILED_BY_LIMIT, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT}

log = structlog.get_logger(__name__)


class CalendarTooComplex(Exception):
    """The calendar has too many times, or takes too long to read."""


async def read_busy_times_in_sandbox(
    content: bytes, zone: str, window: CalendarWindow
) -> list[BusyTime]:
    """Return what `read_busy_times` returns.

    Raises `NoCalendar`, `CalendarTooComplex` and `SandboxUnavailable`.
    """
    seconds = (str(int(one.timestamp())) for one in window)
    ended = await run_in_sandbox([*COMMAND, zone, *seconds], content, seconds=MAX_WAIT_SECONDS)
    if ended.status in FAILED_BY_FILE:
        raise CalendarTooComplex
    if ended.status:
        text = ended.problem[-500:].decode(errors="replace")
        log.warning("calendar.sandbox_failed", status=ended.status, problem=text)
        raise SandboxUnavailable
    found = json.loads(ended.output)
    if found is None:
        raise NoCalendar
    return [BusyTime(_moment(start), _moment(end), uid) for start, end, uid in found]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
