"""Passwords: argon2id in a thread, and equal timing for unknown accounts."""

import asyncio

import pytest

from core.security import passwords
from core.security.passwords import hash_password, matches


async def test_password_matches_only_its_own_hash() -> None:
    hashed = await hash_password("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await matches("correct horse", hashed)
    for wrong in ("correct horse ", "Correct horse", "", "correct\0horse", "x" * 10_000):
        assert not await matches(wrong, hashed)


async def test_password_hashed_twice_differs() -> None:
    assert await hash_password("same") != await hash_password("same")


@pytest.mark.parametrize("hashed", [None, "", "plain", "$argon2id$v=19$broken"])
async def test_password_of_an_unknown_account_never_matches(hashed: str | None) -> None:
    assert not await matches("not the password of any account", hashed)


async def test_password_of_an_unknown_account_is_compared_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[str] = []

    class Hasher:
        def hash(self, password: str) -> str:
            return password

        def verify(self, hashed: str, password: str) -> bool:
            compared.append(password)
            return False

    monkeypatch.setattr(passwords, "HASHER", Hasher())
    monkeypatch.setattr(passwords, "_dummy_hash", lambda: "dummy hash")
    assert not await matches("guess", None)
    assert not await matches("guess", "hash of an account")
    assert compared == ["guess", "guess"]


async def test_hashing_does_not_block_the_event_loop() -> None:
    hashing = [asyncio.create_task(hash_password("slow")) for _ in range(4)]
    turns = 0
    while not all(task.done() for task in hashing):
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10
