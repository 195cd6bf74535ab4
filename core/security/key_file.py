"""The file of private keys: a set for each purpose, and when each key signs."""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from core.security.file_secrets import FileSecrets, SecretRefused
from core.security.secret_keys import SecretKeys, SecretPurpose

# Servers look at the file every 30 seconds, and verifiers may cache the public keys for 5 minutes.
PUBLISH_SECONDS = 360
# Codes by phone, which are stored as hashes, are valid for ten minutes.
SETTLE_SECONDS = 900
# Access tokens, links and admissions are valid for at most an hour. QR codes are printed, and stay
# valid.
RETIRING_SECONDS = 7200


class Purpose(StrEnum):
    """The type of token that the keys of a set sign."""

    ACCESS = "access"
    LINK = "link"
    VOUCHER = "voucher"
    TICKET = "ticket"
    ADMISSION = "admission"


PRINTED = frozenset({Purpose.VOUCHER, Purpose.TICKET})
# Files of earlier releases lack these purposes. Until their first rotation they have the keys of
# another one: the header has the type of each token.
ADDED = {Purpose.TICKET: Purpose.VOUCHER, Purpose.ADMISSION: Purpose.LINK}


class KeyFileInvalid(Exception):
    """The file is damaged or incomplete."""


class KeysSecretRefused(KeyFileInvalid):
    """The file is encrypted with another secret than the settings have."""


class KeyNotRetirable(Exception):
    """The key is unknown, in several sets, in use, or the only one of its set."""


class KeyNotRotatable(Exception):
    """The last rotation has not finished."""


@dataclass(frozen=True)
class StoredKey:
    """A private key. It signs from one time and verifies until another, in seconds since 1970.

    Without `verifies_until` it verifies until it is retired.
    """

    key: ECKey
    signs_from: int = 0
    verifies_until: int | None = None

    def to_json(self) -> dict[str, Any]:
        times = {"signs_from": self.signs_from, "verifies_until": self.verifies_until}
        return {"key": self.key.as_dict(private=True), **times}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "StoredKey":
        key = ECKey.import_key(stored["key"])
        until = stored.get("verifies_until")
        return cls(key, int(stored["signs_from"]), None if until is None else int(until))


Keys = tuple[StoredKey, ...]
NO_KEYS = SecretKeys({})
NOT_ENCRYPTED = FileSecrets()


@dataclass(frozen=True)
class KeySets:
    """The keys by purpose, the newest first.

    `shared` is whether they come from a file of one set for all purposes, as earlier releases
    wrote it. Then each purpose has all its keys. `secrets` are the symmetric keys.
    """

    by_purpose: Mapping[Purpose, Keys]
    shared: bool = False
    secrets: SecretKeys = NO_KEYS

    @classmethod
    def generate(cls) -> "KeySets":
        sets = {purpose: (StoredKey(_new_key()),) for purpose in Purpose}
        return cls(sets, secrets=NO_KEYS.completed())

    @classmethod
    def from_json(cls, stored: Any) -> "KeySets":
        """Return the stored sets. Raises `KeyFileInvalid`."""
        try:
            if "keys" in stored:
                keys = tuple(StoredKey(ECKey.import_key(key)) for key in stored["keys"])
                sets = cls(
                    dict.fromkeys(Purpose, keys),
                    shared=True,
                    secrets=SecretKeys.from_json(stored),
                )
            else:
                sets = cls(
                    {
                        purpose: tuple(map(StoredKey.from_json, _stored_set(stored, purpose)))
                        for purpose in Purpose
                    },
                    secrets=SecretKeys.from_json(stored),
                )
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise KeyFileInvalid(f"The keys are damaged: {error!r}") from error
        if empty := [purpose for purpose, keys in sets.by_purpose.items() if not keys]:
            raise KeyFileInvalid(f"There is no {empty[0]} key.")
        return sets

    def to_json(self) -> dict[str, Any]:
        signing = {
            purpose.value: [key.to_json() for key in keys]
            for purpose, keys in self.by_purpose.items()
        }
        return signing | self.secrets.to_json()

    @cached_property
    def all_keys(self) -> KeySet:
        """The keys of all purposes, each once."""
        found = {one.key.kid: one.key for keys in self.by_purpose.values() for one in keys}
        return KeySet(list(found.values()))

    def public(self) -> dict[str, Any]:
        return dict(self.all_keys.as_dict(private=False))

    def signing_key(self, purpose: Purpose) -> ECKey:
        """Return the newest key whose time has come, or else the one whose time comes first."""
        keys, now = self.by_purpose[purpose], time.time()
        started = next((one for one in keys if one.signs_from <= now), None)
        return (started or min(keys, key=lambda one: one.signs_from)).key

    def verifies(self, purpose: Purpose, kid: object) -> bool:
        return any(
            one.key.kid == kid and (one.verifies_until is None or one.verifies_until > time.time())
            for one in self.by_purpose[purpose]
        )

    def separated(self) -> "KeySets":
        """Return sets of their own for each purpose.

        The keys of a shared set stay for vouchers and tickets, whose codes are printed. For access
        tokens, links and admissions they are replaced.
        """
        if not self.shared:
            return self
        sets = replace(self, shared=False)
        for purpose in (Purpose.ACCESS, Purpose.LINK, Purpose.ADMISSION):
            sets = sets.rotated(purpose)
        return sets

    def rotated(self, purpose: Purpose) -> "KeySets":
        """Return sets with a new key, which signs once every server has it.

        Keys of access tokens, links and admissions verify until the last of them has expired, those
        of vouchers and tickets until they are retired. Keys that no longer verify are left out.
        """
        now = int(time.time())
        starts = now + PUBLISH_SECONDS
        until = None if purpose in PRINTED else starts + RETIRING_SECONDS
        older = tuple(
            replace(one, verifies_until=one.verifies_until or until)
            for one in self.by_purpose[purpose]
            if one.verifies_until is None or one.verifies_until > now
        )
        return self._with(purpose, (StoredKey(_new_key(), signs_from=starts), *older))

    def completed(self) -> "KeySets":
        """Return sets with the symmetric keys that a file of an earlier release lacks."""
        return replace(self, secrets=self.secrets.completed()) if self.secrets.missing else self

    def with_new_secret(self, purpose: SecretPurpose) -> "KeySets":
        """Return sets with a new symmetric key, used once every server has it.

        Raises `KeyNotRotatable` for lookups whose last rotation has not finished.
        """
        now = int(time.time())
        if purpose is SecretPurpose.LOOKUP:
            self._ensure_lookups_rest(now)
        rotated = self.secrets.rotated(purpose, used_from=now + PUBLISH_SECONDS)
        return replace(self, secrets=rotated)

    def _ensure_lookups_rest(self, now: int) -> None:
        """Raise `KeyNotRotatable` unless all servers have one key: hashes are of two at most."""
        newest, *older = self.secrets.live(SecretPurpose.LOOKUP)
        if older:
            kid = older[-1].id.hex()
            raise KeyNotRotatable(f"The last rotation has not finished. First retire {kid}.")
        if now < newest.used_from + SETTLE_SECONDS:
            raise KeyNotRotatable(
                f"The last rotation has just finished. Wait {SETTLE_SECONDS // 60} minutes."
            )

    def without_secret(self, purpose: SecretPurpose, kid: str) -> "KeySets":
        """Return sets without an old symmetric key. Raises `KeyNotRetirable`.

        The caller ensures that no stored value needs it.
        """
        keys, now = self.secrets.live(purpose), int(time.time())
        if kid not in {one.id.hex() for one in keys}:
            raise KeyNotRetirable(f"There is no {purpose} key {kid}.")
        if keys[0].id.hex() == kid:
            raise KeyNotRetirable(f"{kid} is the newest {purpose} key. Rotate first.")
        if now < keys[0].used_from + SETTLE_SECONDS:
            raise KeyNotRetirable(
                f"Servers may still use {kid}. Wait until {SETTLE_SECONDS // 60} minutes after"
                " the time from which the new key is used."
            )
        return replace(self, secrets=self.secrets.retired(purpose, bytes.fromhex(kid), now))

    def retired(self, kid: str, purpose: Purpose | None = None) -> "KeySets":
        """Return sets without a key. Raises `KeyNotRetirable`."""
        found = [
            candidate
            for candidate, keys in self.by_purpose.items()
            if purpose in {None, candidate} and any(one.key.kid == kid for one in keys)
        ]
        if not found:
            raise KeyNotRetirable(f"There is no key {kid}.")
        if len(found) > 1:
            names = ", ".join(found)
            raise KeyNotRetirable(f"The key {kid} has several purposes: {names}. Choose one.")
        kept = tuple(one for one in self.by_purpose[found[0]] if one.key.kid != kid)
        if not kept:
            raise KeyNotRetirable(f"{kid} is the only {found[0]} key. Rotate first.")
        return self._with(found[0], kept)

    def _with(self, purpose: Purpose, keys: Keys) -> "KeySets":
        return replace(self, by_purpose={**self.by_purpose, purpose: keys})


class KeyFile:
    """Reads and writes the file, and notices when it was replaced.

    `is_encrypted` is whether the file that was read is encrypted with the current secret.
    """

    def __init__(self, path: Path, secrets: FileSecrets) -> None:
        self.path = path
        self.is_encrypted = False
        self._secrets = secrets
        self._seen: tuple[int, ...] | None = None

    def has_changed(self) -> bool:
        """Return whether the file is another one than at the last read, good or bad."""
        return self._version() != self._seen

    def read(self) -> KeySets:
        """Read the file. Raises `OSError` and `KeyFileInvalid`."""
        self._seen = self._version()
        try:
            stored = json.loads(self.path.read_text())
        except ValueError as error:
            raise KeyFileInvalid("The file is not JSON; it may be half written.") from error
        try:
            keys = self._secrets.decrypt(stored)
        except SecretRefused as error:
            raise KeysSecretRefused(str(error)) from error
        except ValueError as error:
            raise KeyFileInvalid(str(error)) from error
        self.is_encrypted = self._secrets.protect(stored)
        return KeySets.from_json(keys)

    def write(self, sets: KeySets) -> None:
        """Write the private keys, readable by the owner only. The file is replaced atomically."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.chmod(0o600)
        temporary.write_text(json.dumps(self._secrets.encrypt(sets.to_json()), indent=2))
        temporary.replace(self.path)

    def _version(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _stored_set(stored: Mapping[str, Any], purpose: Purpose) -> Any:
    """Return the stored keys of a purpose. Raises `KeyError` if they are missing."""
    if purpose in ADDED and purpose.value not in stored:
        return stored[ADDED[purpose].value]
    return stored[purpose.value]


def _new_key() -> ECKey:
    kid = secrets.token_urlsafe(6)  # short, because every QR code contains it
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256", "kid": kid})
