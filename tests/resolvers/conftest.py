"""Cheap password hashes for the app in this process."""

import pytest
from argon2 import PasswordHasher

from core.security import passwords


@pytest.fixture(autouse=True)
def _cheap_password_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at full strength takes 20 ms a hash, which only tests/core/security keeps."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", cheap)
