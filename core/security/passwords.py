"""Password hashes with argon2id, computed in a thread."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher()  # argon2id with the parameters of RFC 9106, low memory


async def hash_password(password: str) -> str:
    return await asyncio.to_thread(HASHER.hash, password)


async def matches(password: str, hashed: str | None) -> bool:
    """Return whether a password matches.

    Takes equally long without a hash, so that timing does not reveal whether an account exists.
    """
    return await asyncio.to_thread(_verify, password, hashed)


def _verify(password: str, hashed: str | None) -> bool:
    try:
        return HASHER.verify(hashed or _dummy_hash(), password) and bool(hashed)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _dummy_hash() -> str:
    return HASHER.hash("not the password of any account")
