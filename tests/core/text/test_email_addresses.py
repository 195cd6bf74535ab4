"""Email addresses: one normal form, or none."""

import ast

import pytest

from core.text.email_addresses import normalize_email
from tests.test_architecture import sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("asha@haat.example", "asha@haat.example"),
        ("  Asha@HAAT.Example\n", "asha@haat.example"),
        ("a.s.h.a+offers@haat.example", "a.s.h.a+offers@haat.example"),
        ("\u212aelvin@haat.example", "kelvin@haat.example"),  # the Kelvin sign
        ("\uff41sha@haat.example", "asha@haat.example"),  # full width
        ("asha@BÜCHER.example", "asha@xn--bcher-kva.example"),
        ("asha@straße.example", "asha@xn--strae-oqa.example"),  # IDNA 2008 keeps the ß
    ],
)
def test_normal_form(text: str, expected: str) -> None:
    assert normalize_email(text) == expected
    assert normalize_email(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "asha",
        "asha@",
        "@haat.example",
        "asha@haat",
        "asha@localhost",
        "l\u0130ly@haat.example",  # PostgreSQL and Python fold this letter differently
        "l\u0131ly@haat.example",
        "\u0430sha@haat.example",  # a Cyrillic letter
        "as\u200bha@haat.example",  # a space of no width
        "as\x00ha@haat.example",
        "asha@haat.example, eve@haat.example",
        "Asha <asha@haat.example>",
        '"asha kapoor"@haat.example',
        "asha@[127.0.0.1]",
        "asha@eve@haat.example",
        "asha@haat.example\r\nBcc: eve@haat.example",
        "a" * 1_000_000 + "@haat.example",
        f"asha@{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.example",
    ],
)
def test_addresses_that_can_have_no_account(text: str) -> None:
    assert normalize_email(text) is None


def test_one_module_decides_what_an_address_is() -> None:
    """`EmailStr` and `email_validator` have other rules than the database."""
    found = [
        path.name
        for path in sources("core", "models", "services", "engine", "schema", "resolvers", "web")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "email_validator")
        or (isinstance(node, ast.alias) and node.name in {"EmailStr", "email_validator"})
    ]
    assert set(found) == {"email_addresses.py"}
