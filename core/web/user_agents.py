"""Devices, recognized by the header `User-Agent`, so that users know them in a list."""

import re
from functools import lru_cache

MAX_AGENT_LENGTH = 400  # of the header that is searched
MAX_DEVICE_LENGTH = 80

# The first match counts: most browsers also name those that they imitate.
PROGRAMS = (
    ("Edge", re.compile(r"\bEdgA?(iOS)?/")),
    ("Opera", re.compile(r"\b(OPR|Opera)/")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(Chrome|CriOS|Chromium)/")),
    ("Safari", re.compile(r"\bVersion/\S+ (Mobile/\S+ )?Safari/")),
    ("Dart", re.compile(r"\bDart/")),
    ("curl", re.compile(r"^curl/")),
    ("Python", re.compile(r"\bpython", re.IGNORECASE)),
)
SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b")),
)
PRODUCT = re.compile(r"^[A-Za-z][A-Za-z0-9 ._-]{0,39}(?=/)")


def device_of(user_agent: str) -> str | None:
    """Return the program and the system, such as `Chrome, Android`. None if neither is known.

    Versions are left out: they change, and would only help to recognize the person.
    """
    return _device_of(user_agent[:MAX_AGENT_LENGTH])


@lru_cache(maxsize=256)
def _device_of(text: str) -> str | None:
    """Return the device. The text has at most `MAX_AGENT_LENGTH` characters."""
    program = next((name for name, pattern in PROGRAMS if pattern.search(text)), None)
    if program is None and (own := PRODUCT.match(text)) and own[0] != "Mozilla":
        program = own[0]
    system = next((name for name, pattern in SYSTEMS if pattern.search(text)), None)
    return ", ".join(filter(None, (program, system))) or None
