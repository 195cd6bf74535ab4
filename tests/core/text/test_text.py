"""Cleaning text, normalizing it for search, and detecting invisible text."""

import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.cleaning import (
    clean_line,
    clean_paragraphs,
    legible,
    longest_run_of_marks,
)


@pytest.mark.parametrize(
    "text", ["a", "नमस्ते", "👍🏽", "❤\ufe0f", "👩\u200d👧", ".", "\u202eabc", "\u2801", " a "]
)
def test_legible_keeps_visible_text(text: str) -> None:
    assert legible(text) == text


@pytest.mark.parametrize("character", "\u200b\u202e\u00ad\u2800\u3164\ufe0f\u2060\n\u3000")
def test_legible_is_empty_for_invisible_text(character: str) -> None:
    assert legible(character) == legible(f"{character} {character}") == ""


# Every character, by what it does: `bidirectional` gives the class of Unicode's algorithm.
CHARACTERS = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
VISIBLE_FORMATS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2") | {
    chr(code) for code in (0x110BD, 0x110CD, *range(0x13430, 0x13439))
}


def removed(clean: Callable[[str], str]) -> set[str]:
    """Return the characters that a function takes out between two letters."""
    return {c for c in CHARACTERS if clean(f"a{c}b") == "ab"}


def test_clean_line_removes_every_control_and_invisible_format() -> None:
    gone = removed(clean_line)
    by_category = {c for c in CHARACTERS if unicodedata.category(c) in {"Cc", "Cf", "Co"}}
    white = {c for c in by_category if c.isspace()}
    assert by_category - gone - white == VISIBLE_FORMATS
    assert {c for c in CHARACTERS if unicodedata.bidirectional(c) in REORDERING} <= gone
    others = {unicodedata.category(c) for c in gone - by_category}
    assert others == {"Cn"}  # noncharacters, and unassigned ones that are invisible by default


def test_clean_paragraphs_removes_controls_and_what_reorders_text() -> None:
    gone = removed(clean_paragraphs)
    controls = {c for c in CHARACTERS if unicodedata.category(c) == "Cc" and c not in "\t\n"}
    assert controls - gone == set("\r\x0b\x0c\x85")  # these became line breaks
    assert {c for c in CHARACTERS if unicodedata.bidirectional(c) in REORDERING} <= gone
    assert not gone & set("\u200e\u200f\u200b\ue000")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Asha \t\r\n Rao ", "Asha Rao"),
        ("Asha\u2028Rao\u2029", "Asha Rao"),
        ("Asha\u3164\u2800\u00a0\u3000Rao", "Asha Rao"),
        ("Haat\u202eytiruceS", "HaatytiruceS"),
        ("\u202a+91 98\u202c", "+91 98"),
        ("Cafe\u200b\u0301", "Café"),
        ("\ufeffAsha", "Asha"),
        ("Haat\u200c\u200d", "Haat"),
        ("Haat\U000e0041\U000e007f", "Haat"),
        ("Haat \ue001", "Haat"),
        ("Haat\ufffe\U0001ffff", "Haat"),
        ("e\u200d\u200d\u0301", "é"),
    ],
)
def test_clean_line(text: str, line: str) -> None:
    assert clean_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian: a non-joiner within a word
        "क्\u200dष",  # Hindi: a half form
        "ශ්\u200dරී",  # Sinhala
        "👩\u200d❤\ufe0f\u200d👨",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
        "1\ufe0f\u20e3",
        "👍🏽",
        "葛\U000e0100城",  # a variant of a Chinese character
        "ｶﾞ",
        "שלום",
        "\U0001fae8",  # an emoji that Unicode 14 does not know
    ],
)
def test_clean_line_keeps_text_of_all_scripts(text: str) -> None:
    assert clean_line(text) == clean_paragraphs(text) == text


def test_clean_paragraphs_keeps_lines() -> None:
    assert clean_paragraphs(" a\r\n\r\nb\rc\u2029d\te\x07 \n") == "a\n\nb\nc\nd\te"


HARD = st.text(
    st.sampled_from(
        "aé \n\r\t\u0301\u200b\u200c\u200d\u202e\u2066\u2800\u3164\ufeff👩🏴्क\U000e0067"
    )
)


@given(st.text() | HARD)
def test_clean_line_is_one_visible_line_in_nfc(text: str) -> None:
    line = clean_line(text)
    assert clean_line(line) == line == unicodedata.normalize("NFC", line)
    assert line == " ".join(line.split())
    assert bool(line) == bool(legible(line))


@given(st.text() | HARD)
def test_clean_paragraphs_is_idempotent(text: str) -> None:
    cleaned = clean_paragraphs(text)
    assert clean_paragraphs(cleaned) == cleaned == cleaned.strip()
    assert bool(cleaned) == bool(legible(cleaned))


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1).filter(legible))
def test_clean_line_changes_no_letters_beyond_composing_them(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c for c in composed if c not in "\u3164\u2800\uffa0")
    assert clean_line(text).replace(" ", "") == kept


@pytest.mark.parametrize(
    ("text", "longest"), [("", 0), ("abc", 0), ("é", 0), ("z\u0301\u0302\u0303a\u0301", 3)]
)
def test_longest_run_of_marks(text: str, longest: int) -> None:
    assert longest_run_of_marks(text) == longest
