"""Reads calendars of any origin in a process of their own, with a limit of memory and time.

A rule that repeats an entry each second, or never, keeps a reader busy for hours.
"""

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime

import structlog

from core.calendars.reading import BusyTime, CalendarWindow, NoCalendar
from core.calendars.sandbox_process import FAILED_BY_LIMIT
from core.settings import HOME

MAX_WAIT_SECONDS = 60  # on a busy machine; the process itself is limited by its CPU time
COMMAND = (sys.executable, "-E", "-s", "-m", "core.calendars.sandbox_process")
FAILED_BY_FILE = {FAILED_BY_LIMIT, -signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT}

log = structlog.get_logger(__name__)


class CalendarTooComplex(Exception):
    """The calendar has too many times, or takes too long to read."""


class ReaderUnavailable(Exception):
    """The process could not start, or was killed. A retry may succeed."""


async def read_busy_times_in_sandbox(
    content: bytes, zone: str, window: CalendarWindow
) -> list[BusyTime]:
    """Return what `read_busy_times` returns.

    Raises `NoCalendar`, `CalendarTooComplex` and `ReaderUnavailable`.
    """
    seconds = (str(int(one.timestamp())) for one in window)
    try:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, zone, *seconds, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=HOME, env={}
        )
    except OSError as error:
        raise ReaderUnavailable from error
    try:
        async with asyncio.timeout(MAX_WAIT_SECONDS):
            output, problem = await process.communicate(content)
    except TimeoutError as error:
        raise ReaderUnavailable from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode in FAILED_BY_FILE:
        raise CalendarTooComplex
    if process.returncode:
        text = problem[-500:].decode(errors="replace")
        log.warning("calendar.sandbox_failed", status=process.returncode, problem=text)
        raise ReaderUnavailable
    found = json.loads(output)
    if found is None:
        raise NoCalendar
    return [BusyTime(_moment(start), _moment(end), uid) for start, end, uid in found]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
