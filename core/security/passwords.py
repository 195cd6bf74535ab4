"""Password hashes with argon2id. They take about 20 ms: run them in `PasswordThreads`."""

import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 128

# The second choice of OWASP's "Password Storage Cheat Sheet": 22 ms on one core. The parameters of
# RFC 9106 took 188 ms on two cores, so that 8 log-ins a second occupied the machine.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# With the same parameters, so that an account without a password takes as long to refuse.
DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$fiEIoeAxdzoZp5vyub2A5A"
    "$/7/nfuMnKw33ngt3i2/2zCkAK6OEMEkCAgJioqjKA8A"
)


@dataclass(frozen=True)
class Comparison:
    """Whether a password matches, and its new hash if the old one has outdated parameters."""

    matches: bool
    new_hash: str | None = None


def normalize_password(password: str) -> str:
    """Return the NFC form, which keyboards of different systems have in common (RFC 8265, 4.2)."""
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    return HASHER.hash(normalize_password(password))


def compare(password: str, hashed: str | None) -> Comparison:
    """Compare a password with a hash; without one, take as long and return that it differs."""
    # A password is at most 128 characters, of which NFD can make three of each.
    normal = normalize_password(password[: 4 * MAX_PASSWORD_LENGTH])
    try:
        matches = HASHER.verify(hashed or DUMMY_HASH, normal) and bool(hashed)
    except (VerificationError, InvalidHashError):
        matches = False
    if matches and hashed and HASHER.check_needs_rehash(hashed):
        return Comparison(matches=True, new_hash=HASHER.hash(normal))
    return Comparison(matches)
