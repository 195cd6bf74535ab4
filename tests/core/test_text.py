"""Text as it is searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import searchable


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
