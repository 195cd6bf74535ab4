"""Sealed columns: encrypted values, and keyed hashes by which they are looked up."""

import hashlib
import hmac
import secrets
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


class SealBroken(Exception):
    """The value was not sealed for this row and column, was changed, or its key is missing."""


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

    def lookup_hash(self, kind: str, value: str) -> bytes:
        """Return the HMAC by which a value of a kind is found, such as a phone number.

        Without the key, a hash of a phone number is as good as the number: there are few enough to
        try them all. Raises `SecretKeyMissing`.
        """
        key = self._keys.sets.secrets.current(SecretPurpose.LOOKUP)
        return hmac.digest(key.key, f"{kind}\0{value}".encode(), hashlib.sha256)

    def _find(self, key_id: bytes) -> SecretKey:
        """Return a key. Another process may have sealed with one that this has not read yet."""
        found = self._keys.sets.secrets.find(key_id)
        if found is None and self._keys.reload_if_changed():
            found = self._keys.sets.secrets.find(key_id)
        if found is None:
            raise SealBroken(f"There is no field key {key_id.hex()}.")
        return found


@lru_cache(maxsize=64)
def _cipher(key: SecretKey) -> AESGCM:
    return AESGCM(key.key)


def _place(column: str, row_id: UUID) -> bytes:
    return f"{column}\0".encode() + row_id.bytes
