"""The catalogues contain exactly the texts in the code."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from core.errors import BadInput, UserMessage
from core.money import in_major_units
from core.settings import HOME
from models.errors import InvalidInput
from models.offers.offers import InvalidOfferState, OfferState
from models.validation import describe
from services.i18n import CATALOGUES, translate
from tests.engine.templates import templates

CANNOT_BECOME = InvalidOfferState(
    "An offer that is {state} cannot become {wanted}.",
    state=OfferState.EXPIRED,
    wanted=OfferState.PUBLISHED,
)


def test_there_is_a_catalogue_of_each_language() -> None:
    assert CATALOGUES.keys() == {"de", "es", "hi"}
    assert all(str(catalogue.locale) == name for name, catalogue in CATALOGUES.items())


@pytest.mark.parametrize("language", CATALOGUES)
def test_every_template_is_translated_and_none_is_left_over(language: str) -> None:
    entries = [message for message in CATALOGUES[language] if message.id]
    assert {(message.context, message.id) for message in entries} == templates(), (
        f"locales/{language}/LC_MESSAGES/haat.po: translate the items of the right set, and remove"
        " those of the left set, which are no texts of the code"
    )
    assert [message.id for message in entries if not message.string or message.fuzzy] == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_no_text_is_translated_twice(language: str) -> None:
    """The reader keeps one of two entries, so the other would be edited without an effect."""
    written = (HOME / f"locales/{language}/LC_MESSAGES/haat.po").read_text()
    assert written.count("\nmsgid ") == len(list(CATALOGUES[language]))  # both with the header


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_names_the_same_values(language: str) -> None:
    differing = [
        message.id
        for message in CATALOGUES[language]
        if names(str(message.id)) != names(str(message.string))
    ]
    assert differing == []


@pytest.mark.parametrize("language", CATALOGUES)
def test_machine_readable_values_are_not_translated(language: str) -> None:
    """Names between backticks are names of the schema."""
    for message in CATALOGUES[language]:
        assert str(message.id).split("`")[1::2] == str(message.string).split("`")[1::2]


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (["de"], "Ein Angebot im Zustand „abgelaufen“ kann nicht in den Zustand"),
        (["DE-ch-1996"], "Ein Angebot im Zustand „abgelaufen“ kann nicht in den Zustand"),
        (["fr", "es-MX"], "Una oferta en estado «caducada» no puede pasar al estado «publicada»."),
        (["hi"], "“समाप्त” स्थिति वाला ऑफ़र “प्रकाशित” स्थिति में"),
        (["en", "de"], "An offer that is EXPIRED cannot become PUBLISHED."),
        (["fr", "*", ""], "An offer that is EXPIRED cannot become PUBLISHED."),
        ([], "An offer that is EXPIRED cannot become PUBLISHED."),
    ],
)
def test_the_first_wanted_language_there_is(wanted: list[str], expected: str) -> None:
    assert translate(CANNOT_BECOME, wanted).startswith(expected)


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "at most 1,000,000."), ("de", "höchstens 1.000.000 "), ("hi", "10,00,000")],
)
def test_numbers_are_written_as_the_language_does(language: str, expected: str) -> None:
    assert expected in translate(UserMessage("Must be at most {le}.", le=1_000_000.0), [language])


def test_without_a_reader_it_is_english() -> None:
    assert str(CANNOT_BECOME) == "An offer that is EXPIRED cannot become PUBLISHED."
    assert str(InvalidInput()) == InvalidInput.message


def test_values_of_a_caller_are_no_templates() -> None:
    hostile = BadInput(
        "Expected an id of type {wanted}, but got one of type {given}.",
        given="{wanted}",
        wanted="X",
    )
    assert translate(hostile, ["de"]) == (
        "Erwartet wird eine ID vom Typ X, angegeben ist eine vom Typ {wanted}."
    )
    assert translate(UserMessage("{nothing}"), ["de"]) == "{nothing}"


def test_untranslated_errors_have_the_text_of_pydantic() -> None:
    detail = {"type": "date_type", "loc": (), "msg": "Input should be a valid date"}
    assert translate(describe(detail), ["de"]) == "Input should be a valid date"


@pytest.mark.parametrize(
    ("language", "amount", "whole", "moment", "day", "hour"),
    [
        ("en", "1,234,567.50", "1,200", "2026-12-03 15:05 UTC", "2026-12-03", "15:05"),
        ("de", "1.234.567,50", "1.200", "3. Dezember 2026, 15:05 UTC", "3. Dezember 2026", "15:05"),
        ("hi", "12,34,567.50", "1,200", "3 दिसंबर 2026, 3:05 pm UTC", "3 दिसंबर 2026", "3:05 pm"),
        (
            "es",
            "1.234.567,50",
            "1.200",
            "3 de diciembre de 2026, 15:05 UTC",
            "3 de diciembre de 2026",
            "15:05",
        ),
    ],
)
def test_amounts_and_times_are_written_as_the_language_does(
    language: str, amount: str, whole: str, moment: str, day: str, hour: str
) -> None:
    at = datetime(2026, 12, 3, 15, 5, tzinfo=UTC)
    for value, expected in (
        (in_major_units(123456750, "INR"), amount),
        (in_major_units(1200, "JPY"), whole),
        (at, moment),
        (at.replace(tzinfo=None), moment.removesuffix(" UTC")),
        (at.date(), day),
        (at.time(), hour),
    ):
        assert translate(UserMessage("{value}", value=value), [language]) == expected
    assert translate(UserMessage("{value}", value=in_major_units(-5, "INR")), ["hi"]) == "-0.05"
