"""Symmetric keys: of sealed columns, and of hashes by which sealed values are looked up."""

import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

KEY_BYTES = 32
KEY_ID_BYTES = 4


class SecretPurpose(StrEnum):
    """The use of the keys of a set.

    A sealed value names its key. During a rotation of lookups, a value has a hash of each key.
    """

    FIELD = "field"
    LOOKUP = "lookup"


@dataclass(frozen=True)
class SecretKey:
    """A key. It is used for new values from a time on, in seconds since 1970."""

    id: bytes
    key: bytes = field(repr=False)
    used_from: int = 0

    @classmethod
    def generate(cls, *, used_from: int = 0) -> "SecretKey":
        return cls(secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES), used_from)

    def to_json(self) -> dict[str, Any]:
        key = urlsafe_b64encode(self.key).decode()
        return {"id": self.id.hex(), "key": key, "used_from": self.used_from}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SecretKey":
        """Return the stored key. Raises `ValueError`, `TypeError` or `KeyError`."""
        read = cls(
            bytes.fromhex(stored["id"]),
            urlsafe_b64decode(stored["key"]),
            int(stored["used_from"]),
        )
        if len(read.id) != KEY_ID_BYTES or len(read.key) != KEY_BYTES:
            raise ValueError("A symmetric key has the wrong length.")
        return read


@dataclass(frozen=True)
class SecretKeys:
    """The keys by purpose, the newest first. A file of an earlier release has none."""

    by_purpose: Mapping[SecretPurpose, tuple[SecretKey, ...]]

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "SecretKeys":
        """Return the stored keys. Raises `ValueError`, `TypeError` or `KeyError`."""
        return cls(
            {
                purpose: tuple(SecretKey.from_json(key) for key in stored.get(purpose.value, ()))
                for purpose in SecretPurpose
            }
        )

    def to_json(self) -> dict[str, Any]:
        return {
            purpose.value: [key.to_json() for key in keys]
            for purpose, keys in self.by_purpose.items()
            if keys
        }

    @property
    def missing(self) -> list[SecretPurpose]:
        return [purpose for purpose in SecretPurpose if not self.by_purpose.get(purpose)]

    def completed(self) -> "SecretKeys":
        """Return the keys with a first one for each purpose that has none."""
        added = {purpose: (SecretKey.generate(),) for purpose in self.missing}
        return SecretKeys({**self.by_purpose, **added})

    def rotated(self, purpose: SecretPurpose, *, used_from: int) -> "SecretKeys":
        """Return the keys with a new one. The old ones still open and find what they stored."""
        newest = SecretKey.generate(used_from=used_from)
        return self._with(purpose, (newest, *self.by_purpose.get(purpose, ())))

    def retired(self, purpose: SecretPurpose, id: bytes, now: int) -> "SecretKeys":
        """Return the keys without one. A key of lookups that is left alone is so from now on."""
        kept = tuple(one for one in self.by_purpose[purpose] if one.id != id)
        if purpose is SecretPurpose.LOOKUP:
            kept = (replace(kept[0], used_from=now), *kept[1:])
        return self._with(purpose, kept)

    def live(self, purpose: SecretPurpose) -> tuple[SecretKey, ...]:
        """Return the keys of a purpose, the newest first. Raises `SecretKeyMissing`."""
        keys = self.by_purpose.get(purpose, ())
        if not keys:
            raise SecretKeyMissing(f"There is no {purpose} key. Create it with `haat keys`.")
        return keys

    def current(self, purpose: SecretPurpose) -> SecretKey:
        """Return the newest key whose time has come, or else the one whose time comes first.

        Raises `SecretKeyMissing`.
        """
        keys, now = self.live(purpose), time.time()
        started = next((one for one in keys if one.used_from <= now), None)
        return started or min(keys, key=lambda one: one.used_from)

    def find(self, id: bytes) -> SecretKey | None:
        """Return the key of sealed values with this id."""
        return next((one for one in self.by_purpose[SecretPurpose.FIELD] if one.id == id), None)

    def _with(self, purpose: SecretPurpose, keys: tuple[SecretKey, ...]) -> "SecretKeys":
        return SecretKeys({**self.by_purpose, purpose: keys})


class SecretKeyMissing(Exception):
    """The file of keys has none of this purpose."""
