"""An answer as bytes, which is completed with what differs between requests."""

import asyncio
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

from core.sizes import MEGABYTE

GZIP_LEVEL = 4
# RFC 1952: magic, deflate, no flags, no time, nothing about the compressor, unknown system.
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
ETAG_BYTES = 15
MAX_KEPT_BYTES = MEGABYTE // 4
MAX_INLINE_BYTES = MEGABYTE // 32  # takes 0.3 ms; larger ones are compressed in a thread
# Of the object, its key and its places in dicts.
OVERHEAD_BYTES = 1_500


@dataclass(frozen=True)
class KeptAnswer:
    """The beginning of a response, of which the end has what the request was charged.

    `points` is its price, `tables` are those that it was read from, and `seconds` is how long it
    may be kept. Both encodings are made once: the end is appended as it is, in a stored block of
    the same gzip stream (RFC 1951, 3.2.4).
    """

    beginning: bytes
    points: int
    tables: Collection[str]
    seconds: float

    @property
    def is_too_large(self) -> bool:
        """Whether it is too large to be kept. It is not compressed to find that out."""
        return len(self.beginning) > MAX_KEPT_BYTES

    @cached_property
    def etag(self) -> bytes:
        """Return a weak validator: the end differs between responses that it names."""
        digest = blake2b(self.beginning, digest_size=ETAG_BYTES).digest()
        return b'W/"%s"' % urlsafe_b64encode(digest)

    @cached_property
    def size(self) -> int:
        """Return the bytes that it takes in memory, with both encodings."""
        return len(self.beginning) + len(self._deflated) + OVERHEAD_BYTES

    async def compress(self) -> None:
        """Compress it, unless it was compressed before. A large one is compressed in a thread."""
        if "_deflated" not in vars(self) and len(self.beginning) > MAX_INLINE_BYTES:
            await asyncio.to_thread(lambda: self._deflated)

    def plain(self, end: bytes) -> bytes:
        return self.beginning + end

    def gzipped(self, end: bytes) -> bytes:
        """Return the whole in gzip. `end` has at most 65,535 bytes."""
        size = len(end)
        checksum = zlib.crc32(end, self._checksum)
        return b"".join(
            (
                GZIP_HEAD,
                self._deflated,
                b"\x01",  # the last block, which is stored
                size.to_bytes(2, "little"),
                (size ^ 0xFFFF).to_bytes(2, "little"),
                end,
                checksum.to_bytes(4, "little"),
                ((len(self.beginning) + size) & 0xFFFFFFFF).to_bytes(4, "little"),
            )
        )

    @cached_property
    def _deflated(self) -> bytes:
        compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return compressor.compress(self.beginning) + compressor.flush(zlib.Z_SYNC_FLUSH)

    @cached_property
    def _checksum(self) -> int:
        return zlib.crc32(self.beginning)
