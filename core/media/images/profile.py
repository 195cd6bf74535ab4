"""Colour profiles in images (ICC.1:2022)."""

from core.sizes import MEGABYTE

HEADER_BYTES = 128
MAX_PROFILE_BYTES = MEGABYTE  # profiles of printers have half a megabyte


def usable_profile(profile: bytes) -> bytes:
    """Return the profile without what follows it, empty if it is too large or not a profile.

    Section 7.2: the header starts with the size, and has the signature `acsp` at byte 36.
    """
    size = int.from_bytes(profile[:4])
    if not HEADER_BYTES <= size <= min(len(profile), MAX_PROFILE_BYTES):
        return b""
    return profile[:size] if profile[36:40] == b"acsp" else b""
