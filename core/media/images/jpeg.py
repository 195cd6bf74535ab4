"""Rewrites JPEG files (ISO/IEC 10918-1, annex B) with an allow-list of segments."""

import re
from collections.abc import Iterator

from core.media.images.profile import usable_profile

SOI, EOI, SOS, APP0, APP1, APP2, APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
FRAMES = {*range(0xC0, 0xD0)} - {0xC8}  # frame headers, and the tables DHT (C4) and DAC (CC)
IMAGE_MARKERS = FRAMES | {SOS, 0xDB, 0xDC, 0xDD}  # DQT, DNL, DRI
WITHOUT_LENGTH = {0x00, 0x01, SOI, *range(0xD0, 0xD8)}  # never between segments
# In image data, FF00 is an escaped FF, and FFD0 to FFD7 are restart markers.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
JFIF, JFIF_BYTES = b"JFIF\x00", 14
ADOBE, ADOBE_BYTES = b"Adobe", 12
EXIF, ICC = b"Exif\x00\x00", b"ICC_PROFILE\x00"
MAX_ICC_BYTES = 0xFFFF - 2 - len(ICC) - 2

Segment = tuple[int, bytes, bytes]  # marker, payload, and the image data after a start of scan


def rewrite(file: bytes, exif: bytes) -> bytes:
    """Return the first image of the file. Raises `ValueError` if its structure is damaged."""
    head, image, profile = [bytes((0xFF, SOI))], [], []
    for marker, payload, data in _segments(file):
        if marker in IMAGE_MARKERS:
            image += [_segment(marker, payload), data]
        elif marker == APP0 and payload.startswith(JFIF) and len(head) == 1:
            fields = payload[: JFIF_BYTES - 2].ljust(JFIF_BYTES, b"\x00")  # without its thumbnail
            head.append(_segment(APP0, fields))
        elif marker == APP14 and payload.startswith(ADOBE):  # how colours are encoded
            image.append(_segment(APP14, payload[:ADOBE_BYTES]))
        elif marker == APP2 and payload.startswith(ICC):
            profile.append(payload.removeprefix(ICC))
    if exif:
        head.append(_segment(APP1, EXIF + exif))
    return b"".join([*head, *_profile_segments(profile), *image, bytes((0xFF, EOI))])


def _segments(file: bytes) -> Iterator[Segment]:
    """Yield the segments up to the end of the first image."""
    at = 2
    while True:
        # Decoders skip what is not a marker between segments, and repeated FF.
        at = file.index(b"\xff", at) + 1
        while (marker := file[at]) == 0xFF:
            at += 1
        if marker == EOI:
            return
        if marker in WITHOUT_LENGTH:
            raise ValueError("A marker is in the wrong place.")
        start, at = at + 3, at + 1 + int.from_bytes(file[at + 1 : at + 3])
        if at < start or at > len(file):
            raise ValueError("A segment has a wrong length.")
        end = at
        if marker == SOS:
            scanned = END_OF_SCAN.search(file, at)
            if scanned is None:
                raise ValueError("The image data does not end.")
            at = scanned.start()
        yield marker, file[start:end], file[end:at]


def _profile_segments(found: list[bytes]) -> Iterator[bytes]:
    """Yield a profile in segments of the maximum size (ICC.1:2022, B.4)."""
    parts = [part[2:] for part in sorted(found, key=lambda part: part[:1])]
    profile = usable_profile(b"".join(parts))
    count = -(-len(profile) // MAX_ICC_BYTES)
    for number in range(count):
        part = profile[number * MAX_ICC_BYTES :][:MAX_ICC_BYTES]
        yield _segment(APP2, ICC + bytes((number + 1, count)) + part)


def _segment(marker: int, payload: bytes) -> bytes:
    """Return a segment. Its length includes its own two bytes."""
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2) + payload
