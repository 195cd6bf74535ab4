"""Cursors: a subscriber's position in each of its topics, encrypted.

The numbers count the entries of a topic. In clear, they would show customers who follow an offer
how much its vendor sells.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import CursorExpired, MalformedRequest
from core.security.secret_keys import KEY_ID_BYTES, SecretKey, SecretPurpose
from core.security.signing_keys import SigningKeys

DERIVED_BYTES = 64  # of a key, which AES-SIV divides into two of 256 bits
TAG_BYTES = 16
DIGITS = 19  # of a number; with fewer, the length of a cursor would show how large it is


class OtherTopics(MalformedRequest):
    """The cursor belongs to other topics."""


class CursorCodec:
    """Encodes and decodes cursors with keys that are derived from those of sealed columns.

    The same position has the same cursor for as long as the key is used, because one message is
    encoded for all subscribers that have reached it. AES-SIV (RFC 5297) is made for that.
    """

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def encode(self, epoch: str, position: Mapping[str, int]) -> str:
        """Return a cursor.

        The epoch identifies the database and its history: a restore reuses the numbers.
        """
        pairs = [[topic, f"{seq:0{DIGITS}d}"] for topic, seq in sorted(position.items())]
        text = json.dumps([epoch, *pairs], separators=(",", ":"))
        key = self._keys.sets.secrets.current(SecretPurpose.FIELD)
        encrypted = key.id + _cipher(key).encrypt(text.encode(), None)
        return base64.urlsafe_b64encode(encrypted).decode().rstrip("=")

    def decode(self, cursor: str, epoch: str, topics: Iterable[str]) -> dict[str, int]:
        """Return a cursor's position: a sequence number per topic.

        Raises `MalformedRequest` if it is not a cursor of these topics, and `CursorExpired` if it
        is of another epoch, or of a key that is no longer used.
        """
        cursor_epoch, *pairs = json.loads(self._decrypt(cursor))
        position = {topic: int(seq) for topic, seq in pairs}
        if set(position) != set(topics):
            raise OtherTopics("This cursor belongs to a different subscription.")
        if cursor_epoch != epoch:
            raise CursorExpired
        return position

    def _decrypt(self, cursor: str) -> bytes:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            encrypted = base64.b64decode(padded, altchars=b"-_", validate=True)
            if len(encrypted) < KEY_ID_BYTES + TAG_BYTES:
                raise ValueError(cursor)
            key = self._keys.sets.secrets.find(encrypted[:KEY_ID_BYTES])
            if key is None:
                raise CursorExpired
            return _cipher(key).decrypt(encrypted[KEY_ID_BYTES:], None)
        except (ValueError, InvalidTag) as error:
            raise MalformedRequest("This is not a valid subscription cursor.") from error


@lru_cache(maxsize=64)
def _cipher(key: SecretKey) -> AESSIV:
    derive = HKDF(SHA256(), DERIVED_BYTES, salt=None, info=b"haat journal cursor")
    return AESSIV(derive.derive(key.key))
