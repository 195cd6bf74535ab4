"""Rewrites WebP files (RFC 9649) with an allow-list of chunks."""

from collections.abc import Iterator

from core.media.images.profile import usable_profile

FRAME_CHUNKS = {b"ALPH", b"VP8 ", b"VP8L"}
KEPT_CHUNKS = FRAME_CHUNKS | {b"ANIM"}
EXTENDED, FRAME, PROFILE, EXIF = b"VP8X", b"ANMF", b"ICCP", b"EXIF"
HAS_PROFILE, HAS_ALPHA, HAS_EXIF, HAS_ANIMATION = 0x20, 0x10, 0x08, 0x02  # 2.7.1
FRAME_HEADER_BYTES = 16


def rewrite(file: bytes, exif: bytes) -> bytes:
    """Return the image. Raises `ValueError` if its structure is damaged."""
    end = 8 + int.from_bytes(file[4:8], "little")
    chunks = list(_chunks(file, 12, end))
    profile = next((usable_profile(data) for kind, data in chunks if kind == PROFILE), b"")
    kept: list[bytes] = []
    extended = False
    for kind, data in chunks:
        if kind == EXTENDED and not kept:
            kept.append(_chunk(kind, _features(data, profile=bool(profile), exif=bool(exif))))
            kept += [_chunk(PROFILE, profile)] if profile else []
            extended = True
        elif kind == FRAME:
            kept.append(_chunk(kind, _frame(data)))
        elif kind in KEPT_CHUNKS:
            kept.append(_chunk(kind, data))
    if exif and extended:
        kept.append(_chunk(EXIF, exif))
    content = b"WEBP" + b"".join(kept)
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def _chunks(file: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    if end > len(file):
        raise ValueError("The file is shorter than its header states.")
    while at + 8 <= end:
        kind, length = file[at : at + 4], int.from_bytes(file[at + 4 : at + 8], "little")
        start, at = at + 8, at + 8 + length + length % 2
        if start + length > end:
            raise ValueError("A chunk has a wrong length.")
        yield kind, file[start : start + length]


def _features(data: bytes, *, profile: bool, exif: bool) -> bytes:
    """Return the header that lists the features, with those that are kept, and the size."""
    flags = data[0] & (HAS_ALPHA | HAS_ANIMATION)
    flags |= (HAS_PROFILE if profile else 0) | (HAS_EXIF if exif else 0)
    return bytes((flags, 0, 0, 0)) + data[4:10]


def _frame(data: bytes) -> bytes:
    frames = _chunks(data, FRAME_HEADER_BYTES, len(data))
    kept = [_chunk(kind, content) for kind, content in frames if kind in FRAME_CHUNKS]
    return data[:FRAME_HEADER_BYTES] + b"".join(kept)


def _chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk, padded to an even length."""
    return kind + len(data).to_bytes(4, "little") + data + b"\x00" * (len(data) % 2)
