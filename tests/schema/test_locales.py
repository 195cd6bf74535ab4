"""Languages a caller reads, as `Accept-Language` says it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.locales import MOST, accepted


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
def test_locales_the_most_wanted_first(header: str, tags: list[str]) -> None:
    assert accepted(header) == tags


@given(st.text())
def test_locales_of_any_header_are_few(header: str) -> None:
    assert len(accepted(f"{header},{'x,' * 1000}")) <= MOST
