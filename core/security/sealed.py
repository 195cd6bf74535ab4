"""Sealed columns: encrypted values, and keyed hashes by which they are looked up."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.security.secret_keys import KEY_ID_BYTES, SecretKey, SecretPurpose
from core.security.signing_keys import SigningKeys

VERSION = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
TAG_BYTES = 16
SEALED_OVERHEAD = HEADER_BYTES + TAG_BYTES
HASH_BYTES = 32
NEWEST_BYTES = KEY_ID_BYTES + HASH_BYTES


class SealBroken(Exception):
    """The value was not sealed for this row and column, was changed, or its key is missing."""


@dataclass(frozen=True)
class Lookup:
    """The hashes by which a value is stored and found: of the oldest key, and of the newest.

    Before and after a rotation, both are of the one key. `newest` starts with the id of its key.
    Servers do not get a key at the same time, but any two have the oldest or the newest in common.
    So two values are the same if one of the hashes is, and a unique index on each keeps a value
    unique throughout a rotation.
    """

    oldest: bytes
    newest: bytes

    def matches(self, other: "Lookup") -> bool:
        """Return whether two hashes are of one value."""
        pairs = ((self.oldest, other.oldest), (self.newest, other.newest))
        return any(own == others != b"" for own, others in pairs)


class Sealer:
    """Seals values of columns with AES-256-GCM, so that a copy of the database discloses nothing.

    A sealed value is a version, the id of its key, a random nonce, and the encrypted value with its
    tag. The tag covers the column and the id of the row: a value that is moved to another does not
    open.
    """

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def seal(self, column: str, row_id: UUID, value: bytes) -> bytes:
        """Return the sealed value of a column, which is named as `table.column`.

        Raises `SecretKeyMissing`.
        """
        key = self._keys.sets.secrets.current(SecretPurpose.FIELD)
        nonce = secrets.token_bytes(NONCE_BYTES)
        encrypted = _cipher(key).encrypt(nonce, value, _place(column, row_id))
        return VERSION + key.id + nonce + encrypted

    def open(self, column: str, row_id: UUID, sealed: bytes) -> bytes:
        """Return the value. Raises `SealBroken`."""
        if len(sealed) < SEALED_OVERHEAD or not sealed.startswith(VERSION):
            raise SealBroken("The value is not sealed, or by a newer release.")
        key_id = sealed[len(VERSION) : len(VERSION) + KEY_ID_BYTES]
        nonce = sealed[HEADER_BYTES - NONCE_BYTES : HEADER_BYTES]
        try:
            return _cipher(self._find(key_id)).decrypt(
                nonce, sealed[HEADER_BYTES:], _place(column, row_id)
            )
        except InvalidTag as error:
            raise SealBroken("The value was changed, or moved to another row.") from error

    def lookup(self, kind: str, value: str) -> Lookup:
        """Return the HMACs by which a value of a kind is found, such as a phone number.

        Without the key, a hash of a phone number is as good as the number: there are few enough to
        try them all. Raises `SecretKeyMissing`.
        """
        newest, *older = self._keys.sets.secrets.live(SecretPurpose.LOOKUP)
        hashed = _hash(newest, kind, value)
        oldest = _hash(older[-1], kind, value) if older else hashed
        return Lookup(oldest, newest.id + hashed)

    def hash(self, kind: str, value: str) -> bytes:
        """Return the HMAC of a value that is kept for a short time only."""
        return _hash(self._keys.sets.secrets.current(SecretPurpose.LOOKUP), kind, value)

    def matches(self, hashed: bytes, kind: str, value: str) -> bool:
        """Return whether a short-lived value has this HMAC, of any key."""
        keys = self._keys.sets.secrets.live(SecretPurpose.LOOKUP)
        return any(hmac.compare_digest(hashed, _hash(one, kind, value)) for one in keys)

    @property
    def field_key_id(self) -> bytes:
        """The id of the key that seals now."""
        return self._keys.sets.secrets.current(SecretPurpose.FIELD).id

    @property
    def lookup_key_ids(self) -> list[bytes]:
        """The ids of the keys of lookups, the newest first."""
        return [one.id for one in self._keys.sets.secrets.live(SecretPurpose.LOOKUP)]

    def _find(self, key_id: bytes) -> SecretKey:
        """Return a key. Another process may have sealed with one that this has not read yet."""
        found = self._keys.sets.secrets.find(key_id)
        if found is None and self._keys.reload_if_changed():
            found = self._keys.sets.secrets.find(key_id)
        if found is None:
            raise SealBroken(f"There is no field key {key_id.hex()}.")
        return found


def _hash(key: SecretKey, kind: str, value: str) -> bytes:
    # A text that is no address can have half of an emoji.
    hashed = f"{kind}\0{value}".encode(errors="surrogatepass")
    return hmac.digest(key.key, hashed, hashlib.sha256)


@lru_cache(maxsize=64)
def _cipher(key: SecretKey) -> AESGCM:
    return AESGCM(key.key)


def _place(column: str, row_id: UUID) -> bytes:
    return f"{column}\0".encode() + row_id.bytes
