"""Rewrites PNG files (W3C PNG, third edition) with an allow-list of chunks."""

import zlib
from collections.abc import Iterator

from core.media.images.profile import MAX_PROFILE_BYTES, usable_profile

SIGNATURE = b"\x89PNG\r\n\x1a\n"
IMAGE_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"}
COLOR_CHUNKS = {b"cHRM", b"gAMA", b"sBIT", b"sRGB", b"bKGD", b"cICP", b"mDCV", b"cLLI"}
OTHER_CHUNKS = {b"pHYs", b"acTL", b"fcTL", b"fdAT"}  # shape of the pixels, and animation
KEPT_CHUNKS = IMAGE_CHUNKS | COLOR_CHUNKS | OTHER_CHUNKS
PROFILE_NAME = b"ICC profile"


def rewrite(file: bytes, exif: bytes) -> bytes:
    """Return the image. Raises `ValueError` if its structure is damaged."""
    kept = [SIGNATURE]
    for kind, data in _chunks(file):
        if kind in KEPT_CHUNKS:
            kept.append(_chunk(kind, data))
        elif kind == b"iCCP" and (profile := _profile(data)):
            kept.append(_chunk(kind, profile))
        if kind == b"IHDR" and exif:
            kept.append(_chunk(b"eXIf", exif))
    return b"".join(kept)


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to the end of the image."""
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = int.from_bytes(file[at : at + 4]), file[at + 4 : at + 8]
        start, at = at + 8, at + 12 + length
        if at > len(file):
            raise ValueError("A chunk has a wrong length, or the image does not end.")
        yield kind, file[start : start + length]


def _profile(data: bytes) -> bytes:
    """Return the chunk under another name, empty unless its compressed profile is usable."""
    _, _, compressed = data.partition(b"\x00")
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(compressed[1:], MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
    usable = usable_profile(profile) if unpacking.eof else b""
    return PROFILE_NAME + b"\x00\x00" + zlib.compress(usable) if usable else b""


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return len(data).to_bytes(4) + kind + data + checksum.to_bytes(4)
