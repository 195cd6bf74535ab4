"""Localized text: the wanted language, else the owner's, else any; never nothing."""

import time

import pytest
from pydantic import TypeAdapter, ValidationError

from models.base import LocaleTag, localized

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


def test_localized_reads_no_tag_of_thousands_of_parts() -> None:
    began = time.process_time()
    assert localized(TEXTS, ["hi-" * 100_000], "en") == "चाय"
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("tag", ["en", "hi", "pt-BR", "zh-Hant-TW"])
def test_locale_tag_is_known(tag: str) -> None:
    assert TypeAdapter(LocaleTag).validate_python(tag) == tag


@pytest.mark.parametrize("tag", ["", "xx", "english", "en_US", "en-", "e n", "x" * 17, "en\0"])
def test_locale_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(LocaleTag).validate_python(tag)
