"""Localized text: the wanted language, else the owner's, else any; never nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from models.base import MAX_LOCALE_TAG_LENGTH, LocaleTag, localized, localized_texts

TEXTS = {"en": "Tea", "hi": "चाय", "pt-BR": "Chá"}


@pytest.mark.parametrize(
    ("wanted", "own", "text"),
    [
        (["hi"], "en", "चाय"),
        (["hi-IN"], "en", "चाय"),
        (["pt-BR"], "en", "Chá"),
        (["pt"], "hi", "Chá"),
        (["pt-PT"], "hi", "Chá"),
        (["hi_IN"], "en", "चाय"),
        (["pt", "hi"], "en", "Chá"),
        (["p"], "hi", "चाय"),
        (["fr", "hi"], "en", "चाय"),
        ([], "hi", "चाय"),
        (["fr"], "hi", "चाय"),
        (["fr"], "fr", "Tea"),
    ],
)
def test_localized_in_the_first_language_there_is(wanted: list[str], own: str, text: str) -> None:
    assert localized(TEXTS, wanted, own) == text


def test_localized_of_nothing_is_empty() -> None:
    assert localized({}, ["en"], "en") == ""


def test_localized_reads_the_start_of_a_tag_with_many_parts() -> None:
    """Each part less is a look-up, and a request may have a tag of thousands of parts."""
    tag = "hi" + "-chai" * MAX_LOCALE_TAG_LENGTH
    assert localized(TEXTS | {tag: "looked up"}, [tag], "en") == "चाय"


@pytest.mark.parametrize("tag", ["en", "hi", "pt-BR", "zh-Hant-TW"])
def test_locale_tag_is_known(tag: str) -> None:
    assert TypeAdapter(LocaleTag).validate_python(tag) == tag


@pytest.mark.parametrize("tag", ["", "xx", "english", "en_US", "en-", "e n", "x" * 17, "en\0"])
def test_locale_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LocaleTag).validate_python(tag)


LOCALES = st.sampled_from(["en", "hi", "pt-BR", "pt", "fr", "hi_IN", ""])


@given(
    st.lists(st.tuples(st.dictionaries(LOCALES, st.sampled_from(["", "Tea", "Chá"])), LOCALES)),
    st.lists(LOCALES, max_size=3),
)
def test_many_texts_are_those_of_each(
    rows: list[tuple[dict[str, str], str]], wanted: list[str]
) -> None:
    found = localized_texts([texts for texts, _ in rows], wanted, [own for _, own in rows])
    assert found == [localized(texts, wanted, own) for texts, own in rows]
