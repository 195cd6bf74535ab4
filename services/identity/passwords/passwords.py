"""Hashing of new passwords, and comparison of those that callers give."""

from collections.abc import Iterable

from core.security import passwords
from core.security.password_strength import find_weakness
from core.security.password_threads import IsGone, PasswordThreads
from core.security.passwords import Comparison
from models.identity.passwords import PasswordWeak


async def hash_new_password(
    threads: PasswordThreads, password: str, personal: Iterable[str], is_gone: IsGone
) -> str:
    """Return the hash of a password. Raises `PasswordWeak` if it is easy to guess.

    `personal` are texts that the password must not repeat, such as the name and the address.
    """
    known = tuple(personal)

    def check_and_hash() -> str:
        if weakness := find_weakness(password, known):
            raise PasswordWeak(reason=weakness)
        return passwords.hash_password(password)

    return await threads.run(check_and_hash, is_gone)


async def compare(
    threads: PasswordThreads, password: str, hashed: str | None, is_gone: IsGone
) -> Comparison:
    """Compare a password with an account's hash, or take as long without one."""
    return await threads.run(lambda: passwords.compare(password, hashed), is_gone)
