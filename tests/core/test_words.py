"""Words of texts: their lexemes, spellings in Latin letters and consonants."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import LANGUAGES, MAX_LEXEMES, keys_of, latin_of, loose_key, vector, words_of

ALPHABET = st.sampled_from("aZéß2 '\\:क\u093c\u094dा売ｶﾞกำ\u0e49👍\u200d-_#~=|&!")


@pytest.mark.parametrize(
    ("text", "locale", "lexemes"),
    [
        ("Cakes", "en", {"cakes", "=cake"}),
        ("Schokoladenkuchen", "de", {"schokoladenkuchen", "=schokoladenkuch"}),
        ("Bücher", "de-AT", {"bücher", "~bucher", "=buch"}),
        ("niños", "es", {"niños", "~ninos", "=niñ"}),
        ("लड़कियाँ", "hi", {"लड़कियाँ", "~लडकियाँ", "=लड़क"}),
        ("Crème", "fr", {"crème", "~creme"}),
        ("売上は", "ja", {"売上", "上は", "は"}),
        ("ข้าว", "th", {"ข้า", "าว", "ว"}),
        ("500g", "en", {"500", "g", "=g"}),
        ("👍", "en", {"👍"}),
    ],
)
def test_a_stored_word_has_its_lexemes(text: str, locale: str, lexemes: set[str]) -> None:
    assert {one for word in words_of(text) for one in word.stored(locale)} == lexemes


@pytest.mark.parametrize(
    ("hindi", "latin"),
    [
        ("बिरयानी", "biryani"),
        ("जलेबी", "jalebi"),
        ("तंदूरी", "tandoori"),
        ("चाय", "chai"),
        ("पकौड़ा", "pakora"),
        ("फ़ालूदा", "faluda"),
        ("पिज़्ज़ा", "pizza"),
        ("केक", "cake"),
        ("चॉकलेट", "chocolate"),
        ("कॉफ़ी", "coffee"),
        ("साइकिल", "cycle"),
        ("मालिश", "malish"),
        ("शाकाहारी", "shakahari"),
    ],
)
def test_a_hindi_word_has_the_consonants_of_its_latin_spelling(hindi: str, latin: str) -> None:
    assert loose_key(hindi) == loose_key(latin) != ""


def test_other_words_have_other_consonants() -> None:
    words = ["biryani", "jalebi", "tandoori", "pakora", "faluda", "pizza", "cake", "coffee", "tea"]
    assert len({loose_key(word) for word in words}) == len(words)


@pytest.mark.parametrize("lexeme", ["=cak", "^cake", "~creme", "売上", "2024", "k9", "a", "👍"])
def test_what_is_no_word_has_no_spellings(lexeme: str) -> None:
    assert keys_of(lexeme) == ("", "")


def test_a_vector_has_the_lexemes_of_titles_twice() -> None:
    found = vector([("Cake", "en", True), ("Cake and tea", "en", False)])
    assert found == "'cake' '^cake' '=cake' '^=cake' 'and' '=and' 'tea' '=tea'"


def test_a_vector_has_a_limit() -> None:
    words = " ".join(f"word{chr(97 + n // 26 % 26)}{chr(97 + n % 26)}{n}" for n in range(9_000))
    assert len(vector([(words, "en", False)]).split()) == MAX_LEXEMES


@given(st.text() | st.text(ALPHABET))
def test_a_text_has_what_is_sought_in_it(text: str) -> None:
    """In any composition and language, and with nothing that PostgreSQL would read otherwise."""
    for locale in (*LANGUAGES, "fr"):
        found = {one for word in words_of(text) for one in word.stored(locale)}
        for form in ("NFC", "NFD"):
            for word in words_of(unicodedata.normalize(form, text)):
                sought = {*(word.pairs if word.unspaced else word.sought)}
                assert found & sought
                assert "" not in sought
        assert not [one for one in found if not one or set(one) & set("'\\ ")]


@given(st.text() | st.text(ALPHABET))
def test_latin_spellings_have_letters_of_a_to_z_alone(text: str) -> None:
    latin = latin_of(text)
    assert latin == "" or (latin.isascii() and latin.isalnum() and latin == latin.lower())
    assert loose_key(text).isascii()
