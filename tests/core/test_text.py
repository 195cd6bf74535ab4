"""Normalizing text for search, and detecting invisible text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import legible, searchable


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Café  Olé", "cafe ole"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("  tab\tand\nline ", "tab and line"),
        ("Ẹ̀kọ́ ńlá", "eko nla"),
        ("ﬁne ①", "fine 1"),
        ("İstanbul", "istanbul"),
        ("Ⓒhai Ⅻ", "chai xii"),
        ("", ""),
    ],
)
def test_searchable_removes_case_and_accents(text: str, plain: str) -> None:
    assert searchable(text) == plain


def test_searchable_joins_texts() -> None:
    assert searchable("Chai", "Bengaluru") == "chai bengaluru"


@given(st.text())
def test_searchable_is_idempotent(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)
    assert searchable(text) == " ".join(searchable(text).split())


@pytest.mark.parametrize(
    "text", ["a", "नमस्ते", "👍🏽", "❤\ufe0f", "👩\u200d👧", ".", "\u202eabc", "\u2801", " a "]
)
def test_legible_keeps_visible_text(text: str) -> None:
    assert legible(text) == text


@pytest.mark.parametrize("character", "\u200b\u202e\u00ad\u2800\u3164\ufe0f\u2060\n\u3000")
def test_legible_is_empty_for_invisible_text(character: str) -> None:
    assert legible(character) == legible(f"{character} {character}") == ""
