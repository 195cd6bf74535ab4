"""Tokens of programs are told from other text by their shape."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tokens import VISIBLE_LENGTH, is_token, new_token

SOUND = new_token()


def test_a_new_token_is_one_and_shows_little() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"haat_[0-9A-Za-z]{38}", token) and is_token(token) for token in made)
    assert len({token[:VISIBLE_LENGTH] for token in made}) > 90


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "haat_",
        "haat_" + "0" * 38,
        "haat_" + "é" * 38,
        "ghp_" + "0" * 38,
    ],
)
def test_what_is_no_token(wrong: str) -> None:
    assert not is_token(wrong)


@given(st.integers(5, len(SOUND) - 1), st.sampled_from("0aZ9"))
def test_a_letter_that_was_mistyped_is_noticed(place: int, other: str) -> None:
    mistyped = SOUND[:place] + other + SOUND[place + 1 :]
    assert is_token(mistyped) == (mistyped == SOUND)


def test_a_token_is_whole_and_nothing_else() -> None:
    assert not is_token(SOUND[:-1])
    assert not is_token(f"{SOUND} ")
