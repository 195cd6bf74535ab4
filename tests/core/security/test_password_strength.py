"""Passwords that are easy to guess."""

import time

import pytest

from core.security.password_strength import PasswordWeakness, find_weakness

PERSONAL = ("Asha Kapoor", "asha.kapoor@haat.example")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("password", PasswordWeakness.COMMON),
        ("12345678", PasswordWeakness.COMMON),
        ("iloveyou", PasswordWeakness.COMMON),
        ("        ", PasswordWeakness.GUESSABLE),
        ("p@ssw0rd!", PasswordWeakness.GUESSABLE),
        ("qwertyuiopasdf", PasswordWeakness.GUESSABLE),
        ("Mumbai@2026", PasswordWeakness.GUESSABLE),
        ("correct horse", PasswordWeakness.GUESSABLE),
        ("passwordpassword1234567890123456", PasswordWeakness.GUESSABLE),
        ("asha.kapoor@haat.example", PasswordWeakness.PERSONAL),
        ("Asha.Kapoor", PasswordWeakness.PERSONAL),
        ("asha kapoor", PasswordWeakness.PERSONAL),
        ("AshaKapoor", PasswordWeakness.PERSONAL),
        ("kapoor-asha-7", PasswordWeakness.PERSONAL),
        ("correct horse battery staple", None),
        ("kitchen-ladder-74-plum", None),
        ("zR7!kq0Pm2", None),
        ("дерево-лампа-окно-река", None),
        ("किताब-नदी-बादल-सेब", None),
    ],
)
def test_weakness(password: str, weakness: PasswordWeakness | None) -> None:
    assert find_weakness(password, PERSONAL) == weakness


def test_a_long_password_is_scored_by_its_start() -> None:
    """128 substituted letters would take seconds of both cores."""
    began = time.thread_time()
    assert find_weakness("4@8({[</369&|0$5+7%2!" * 6, PERSONAL) is None
    assert time.thread_time() - began < 0.5
