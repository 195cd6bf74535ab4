"""The list of keys that `haat keys --list` prints."""

from collections.abc import Iterator
from datetime import UTC, datetime

from core.security.key_file import KeySets, StoredKey
from core.security.secret_keys import SecretPurpose

# The states of keys: the one for new values, and former ones.
OLD_SECRETS = {SecretPurpose.FIELD: "opens", SecretPurpose.LOOKUP: "finds"}
NEW_SECRETS = {SecretPurpose.FIELD: "seals", SecretPurpose.LOOKUP: "hashes"}


def describe_keys(sets: KeySets, now: float) -> str:
    """Return a line for each key: its purpose, its KID, and what it does."""
    return "\n".join([*_signing(sets, now), *_secrets(sets, now)])


def _signing(sets: KeySets, now: float) -> Iterator[str]:
    for purpose, keys in sets.by_purpose.items():
        signing = sets.signing_key(purpose)
        for one in keys:
            state = "signs" if one.key is signing else _state(one, now)
            yield f"{purpose:<10}{one.key.kid:<10}{state}"


def _secrets(sets: KeySets, now: float) -> Iterator[str]:
    for purpose, keys in sets.secrets.by_purpose.items():
        for one in keys:
            state = OLD_SECRETS[purpose]
            if one.used_from > now:
                state = f"{NEW_SECRETS[purpose]} from {_time(one.used_from)}"
            elif one is sets.secrets.current(purpose):
                state = NEW_SECRETS[purpose]
            yield f"{purpose:<10}{one.id.hex():<10}{state}"


def _state(key: StoredKey, now: float) -> str:
    if key.signs_from > now:
        return f"signs from {_time(key.signs_from)}"
    if key.verifies_until is None:
        return "verifies"
    if key.verifies_until > now:
        return f"verifies until {_time(key.verifies_until)}"
    return "no longer verifies"


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
