"""API tokens are recognized by their format."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security.tokens import VISIBLE_LENGTH, is_token, new_token

SOUND = new_token()


def test_a_new_token_is_valid_and_its_visible_part_is_short() -> None:
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
def test_other_texts_are_not_tokens(wrong: str) -> None:
    assert not is_token(wrong)


@given(st.integers(5, len(SOUND) - 1), st.sampled_from("0aZ9"))
def test_a_wrong_letter_is_detected(place: int, other: str) -> None:
    mistyped = SOUND[:place] + other + SOUND[place + 1 :]
    assert is_token(mistyped) == (mistyped == SOUND)


def test_a_token_has_no_surrounding_text() -> None:
    assert not is_token(SOUND[:-1])
    assert not is_token(f"{SOUND} ")
