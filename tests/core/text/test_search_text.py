"""Folding text, and its terms for search."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.search_text import SearchPhrase, folded, search_words, searchable

TEXTS = st.text() | st.text(
    st.sampled_from("aé\u0301 ßıｶﾞが半額กำ\u0e49क\u093c\u094d커👍🏽\u200d\ufe0f1१_.-'")
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Café  Olé", "cafe ole"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("  tab\tand\nline ", "tab and line"),
        ("Ẹ̀kọ́ ńlá", "eko nla"),
        ("ﬁne ①", "fine 1"),
        ("İstanbul \u0131s\u0131", "istanbul isi"),
        ("Łódź Øre Ægir", "lodz ore aegir"),
        ("Ⓒhai Ⅻ", "chai xii"),
        ("क़लम क\u093cलम कलम", "कलम कलम कलम"),
        ("مُحَمَّد محـــمد", "محمد محمد"),
        ("ﾊﾝｶﾞｸ ﾊ\uff9fﾝ ハンガク", "はんがく ぱん はんがく"),
        ("\uff32\uff53\uff0e\uff15\uff10\uff10", "rs 500"),
        ("१२३ ٤٥٦ ๗๘๙", "123 456 789"),
        ("foo_bar-v2.pdf", "foo bar v2 pdf"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u064a\u062e"),
        ("👍🏽👩\u200d👧❤\ufe0f", "👍 👩 👧 ❤"),
        ("", ""),
    ],
)
def test_folded_is_plain_text(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Chai 2go", "chai 2 go"),
        ("半額", "半額 額"),
        ("茶", "茶"),
        ("iPhone手机壳", "iphone 手机 机壳 壳"),
        ("커피숍에", "커피 피숍 숍에 에"),
    ],
)
def test_searchable_has_terms(text: str, terms: str) -> None:
    assert searchable(text) == terms


def test_searchable_joins_texts() -> None:
    assert searchable("Chai", "Bengaluru") == "chai bengaluru"


@given(TEXTS)
def test_folded_is_idempotent(text: str) -> None:
    plain = folded(text)
    assert folded(plain) == plain == " ".join(plain.split())


@given(TEXTS)
def test_folded_ignores_composition(text: str) -> None:
    for form in ("NFC", "NFD"):
        assert folded(unicodedata.normalize(form, text)) == folded(text)


@given(TEXTS, TEXTS, TEXTS)
def test_text_has_the_terms_of_what_it_contains(before: str, text: str, after: str) -> None:
    """Whatever stands around it, and in the pattern that checks their order."""
    stored = f" {searchable(before, text, after)} "
    words = search_words(text)
    for phrase in [SearchPhrase([word]) for word in words] + [SearchPhrase(words)] * bool(words):
        assert set(phrase.terms) <= set(stored.split())
        if phrase.pattern:
            assert phrase.pattern.strip("%") in stored


@given(TEXTS)
def test_terms_need_no_quotes(text: str) -> None:
    """A term stands between quotes in a `tsquery`, and without escapes in a pattern."""
    assert not set(searchable(text)) & set("'\\%_:")


def test_a_word_is_no_longer_than_postgresql_permits() -> None:
    for text in ("a" * 4_000, "\U00010400" * 4_000, "क" * 4_000, "\ufdfa" * 4_000, "額" * 4_000):
        assert max(len(term.encode()) for term in searchable(text).split()) <= 2_046
