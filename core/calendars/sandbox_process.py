"""The process of `core/calendars/sandbox.py`: reads a calendar, writes its busy times as JSON.

Its arguments are the time zone, and the start and the end of the window in seconds since 1970.
"""

import json
import resource
import sys
from datetime import UTC, datetime

from core.sizes import MEGABYTE

MAX_MEMORY_BYTES = 512 * MEGABYTE
MAX_CPU_SECONDS = 20
MAX_TIMES = 20_000
FAILED_BY_LIMIT = 3


def main() -> int:
    _limit_resources()
    # Imported under the limits, because the libraries reserve memory when they are loaded.
    from core.calendars.reading import CalendarWindow, NoCalendar, read_busy_times  # noqa: PLC0415

    zone, *seconds = sys.argv[1:]
    starts_at, ends_at = (datetime.fromtimestamp(int(one), UTC) for one in seconds)
    try:
        found = read_busy_times(sys.stdin.buffer.read(), zone, CalendarWindow(starts_at, ends_at))
    except NoCalendar:
        times = None
    except MemoryError:
        return FAILED_BY_LIMIT
    else:
        if len(found) > MAX_TIMES:
            return FAILED_BY_LIMIT
        times = [(int(a.timestamp()), int(b.timestamp()), uid) for a, b, uid in found]
    json.dump(times, sys.stdout)
    return 0


def _limit_resources() -> None:
    """Limit memory (not enforced by macOS) and CPU time, and forbid writing files."""
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in limits.items():
        resource.setrlimit(kind, (most, most))
    # At the hard limit the signal is SIGKILL, which could come from anywhere.
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))


if __name__ == "__main__":
    sys.exit(main())
