"""Short codes: round trip, tolerant parsing, and detection of typing errors."""

import re
import secrets
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.security import codes
from core.security.codes import CHECK_SYMBOLS, LENGTH, SYMBOLS, check_symbol, new_code, read_code

BODY = st.text(SYMBOLS, min_size=LENGTH, max_size=LENGTH)


def code_of(body: str) -> str:
    return f"{body[:5]}-{body[5:]}{check_symbol(body)}"


def test_codes_carry_45_bits() -> None:
    assert len(set(SYMBOLS)) ** LENGTH == 2**45
    assert len(set(CHECK_SYMBOLS)) == 37
    assert not set("ILOU") & set(SYMBOLS)


def test_codes_use_every_symbol_at_every_position() -> None:
    drawn = [new_code().replace("-", "")[:LENGTH] for _ in range(1000)]
    assert len(set(drawn)) == 1000
    assert all({body[place] for body in drawn} == set(SYMBOLS) for place in range(LENGTH))


def test_codes_are_made_by_a_secure_random_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "randbits", lambda count: (1 << count) - 1)
    assert new_code() == code_of("Z" * LENGTH)


def test_codes_have_the_documented_format() -> None:
    assert all(re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{4}[0-9A-Z*~$=]", new_code()) for _ in range(50))


@given(BODY)
def test_codes_are_read_as_issued(body: str) -> None:
    assert read_code(code_of(body)) == code_of(body)


@given(BODY, st.randoms(use_true_random=False))
def test_codes_are_read_with_other_case_and_separators(body: str, dice: object) -> None:
    spellings = {"0": "0Oo", "1": "1IiLl"}
    pick = dice.choice  # type: ignore[attr-defined]
    typed = "".join(
        pick(spellings.get(symbol, symbol + symbol.lower())) + pick(["", " ", "-"])
        for symbol in code_of(body)
    )
    assert read_code(f" {typed}") == code_of(body)


@given(BODY)
def test_codes_detect_every_single_wrong_symbol(body: str) -> None:
    symbols = body + check_symbol(body)
    for place, right in enumerate(symbols):
        for wrong in set(CHECK_SYMBOLS if place == LENGTH else SYMBOLS) - {right}:
            assert read_code(symbols[:place] + wrong + symbols[place + 1 :]) is None


@given(BODY)
def test_codes_detect_every_swap_of_two(body: str) -> None:
    symbols = body + check_symbol(body)
    for one, other in combinations(range(LENGTH + 1), 2):
        swapped = list(symbols)
        swapped[one], swapped[other] = swapped[other], swapped[one]
        if symbols[one] != symbols[other]:
            assert read_code("".join(swapped)) is None


@given(st.text())
def test_any_text_is_a_code_or_none(typed: str) -> None:
    read = read_code(typed)
    assert read is None or read_code(read) == read


@pytest.mark.parametrize("typed", ["", "-", "1", "0" * 9, "0" * 11, "00000-0000U", "\0" * 10])
def test_invalid_codes_are_none(typed: str) -> None:
    assert read_code(typed) is None


def test_a_secret_code_has_80_bits_and_is_read_in_any_spelling() -> None:
    code = codes.new_secret_code()
    symbols = code.replace("-", "")
    assert (len(symbols), set(symbols) - set(SYMBOLS)) == (16, set())
    assert codes.new_secret_code() != code
    assert codes.read_symbols(f" {code.lower().replace('-', ' ')} ") == symbols
