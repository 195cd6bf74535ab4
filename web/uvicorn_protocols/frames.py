"""Frames of messages that the server sends."""

from functools import lru_cache


def text_frame(*parts: bytes) -> bytes:
    """Return a text message as one frame. Its content is the parts, joined."""
    return b"".join((_frame_header(sum(map(len, parts))), *parts))


@lru_cache(maxsize=1000)
def _frame_header(size: int) -> bytes:
    """Return the header of a server's unmasked text frame (RFC 6455, 5.2)."""
    if size < 126:
        return b"\x81" + size.to_bytes(1)
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2)
    return b"\x81\x7f" + size.to_bytes(8)
