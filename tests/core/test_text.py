"""Text as it is searched, and whether there is any to be seen."""

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
def test_searchable_is_plain(text: str, plain: str) -> None:
    assert searchable(text) == plain


def test_searchable_joins_what_it_is_given() -> None:
    assert searchable("Chai", "Bengaluru") == "chai bengaluru"


@given(st.text())
def test_searchable_finds_itself(text: str) -> None:
    assert searchable(searchable(text)) == searchable(text)
    assert searchable(text) == " ".join(searchable(text).split())


@pytest.mark.parametrize(
    "text", ["a", "नमस्ते", "👍🏽", "❤\ufe0f", "👩\u200d👧", ".", "\u202eabc", "\u2801", " a "]
)
def test_legible_leaves_what_can_be_seen_as_it_is(text: str) -> None:
    assert legible(text) == text


@pytest.mark.parametrize("character", "\u200b\u202e\u00ad\u2800\u3164\ufe0f\u2060\n\u3000")
def test_legible_is_empty_where_there_is_nothing_to_see(character: str) -> None:
    assert legible(character) == legible(f"{character} {character}") == ""
