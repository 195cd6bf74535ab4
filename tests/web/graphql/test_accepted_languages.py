"""The languages that a client accepts, from `Accept-Language`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.graphql.content_negotiation import MAX_LANGUAGES, accepted_languages


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("hi", ["hi"]),
        ("en-IN, hi;q=0.9, en;q=0.8", ["en-IN", "hi", "en"]),
        ("en;q=0.1, de ;q=1.0", ["de", "en"]),
        ("en; q=0.5, de", ["de", "en"]),
        ("en, de;q=0, fr", ["en", "fr"]),
        ("en;q=high, de", ["de"]),
        ("en;q=nan, de", ["de"]),
        ("a, b", ["a", "b"]),
        ("", []),
        (" , ;q=1,", []),
    ],
)
def test_accepted_languages_are_sorted_by_weight(header: str, tags: list[str]) -> None:
    assert accepted_languages(header) == tags


@given(st.text())
def test_accepted_languages_are_limited(header: str) -> None:
    assert len(accepted_languages(f"{header},{'x,' * 1000}")) <= MAX_LANGUAGES
