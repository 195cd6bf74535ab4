"""The version of the time zones' rules that this process uses."""

import zoneinfo
from functools import cache
from pathlib import Path

import tzdata


@cache
def zone_rules_version() -> str:
    """Return the version, such as `2026c`: of the system's files, else of the package `tzdata`.

    `zoneinfo` looks in the same order. Files of the system that do not name their version count as
    those of the package with their folder, so that an update of the package is noticed.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if not (folder / "Europe/London").is_file():
            continue
        for name in ("+VERSION", "tzdata.zi"):
            file = folder / name
            if file.is_file():
                with file.open(encoding="ascii", errors="replace") as lines:
                    return lines.readline().removeprefix("# version").strip()[:32]
        return f"{tzdata.IANA_VERSION} {folder}"[:32]
    return str(tzdata.IANA_VERSION)
