"""Passwords: argon2id, equal timing for unknown accounts, and outdated hashes."""

import ast
import unicodedata

import pytest
from argon2 import PasswordHasher

from core.security import passwords
from core.security.passwords import DUMMY_HASH, HASHER, Comparison, compare, hash_password
from core.settings import HOME
from tests.test_architecture import sources


def test_password_matches_only_its_own_hash() -> None:
    hashed = hash_password("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert compare("correct horse", hashed) == Comparison(matches=True)
    for wrong in ("correct horse ", "Correct horse", "", "correct\0horse", "x" * 1_000_000):
        assert compare(wrong, hashed) == Comparison(matches=False)


def test_password_hashed_twice_differs() -> None:
    assert hash_password("same") != hash_password("same")


def test_password_typed_on_another_keyboard_matches() -> None:
    typed = "größe-straße-" + "é" * 115
    decomposed = unicodedata.normalize("NFD", typed)
    assert decomposed != typed
    assert compare(decomposed, hash_password(typed)).matches
    assert compare(typed, hash_password(decomposed)).matches


@pytest.mark.parametrize("hashed", [None, "", "plain", "$argon2id$v=19$broken"])
def test_password_of_an_unknown_account_never_matches(hashed: str | None) -> None:
    assert compare("not the password of any account", hashed) == Comparison(matches=False)


def test_password_of_an_unknown_account_is_compared_with_the_same_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not HASHER.check_needs_rehash(DUMMY_HASH)
    compared: list[tuple[str, str]] = []

    class Hasher:
        def verify(self, hashed: str, password: str) -> bool:
            compared.append((hashed, password))
            return False

    monkeypatch.setattr(passwords, "HASHER", Hasher())
    assert not compare("guess", None).matches
    assert not compare("guess", "hash of an account").matches
    assert compared == [(DUMMY_HASH, "guess"), ("hash of an account", "guess")]


def test_an_outdated_hash_is_replaced_if_the_password_is_right() -> None:
    outdated = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert compare("wrong", outdated) == Comparison(matches=False)
    compared = compare("correct horse", outdated)
    assert compared.matches
    assert compared.new_hash
    assert compare("correct horse", compared.new_hash) == Comparison(matches=True)


def importers(module: str) -> set[str]:
    """Return the files that import a module, or names from it."""
    return {
        path.relative_to(HOME).as_posix()
        for path in sources(
            "core", "models", "services", "engine", "schema", "resolvers", "web", "jobs"
        )
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and any(f"{node.module}.{one.name}.".startswith(f"{module}.") for one in node.names)
    }


def test_passwords_are_hashed_in_their_own_threads() -> None:
    """`asyncio.to_thread` shares its threads with everything else that blocks."""
    assert importers("argon2") == {"core/security/passwords.py"}
    assert importers("core.security.passwords") == {
        "models/identity/admin_invitations.py",  # the limits of the length
        "models/identity/challenges.py",  # the same
        "models/identity/password_resets.py",  # the same
        "models/identity/passwords.py",  # the same
        "services/identity/passwords/passwords.py",  # runs them in the threads
    }
