"""Codes that change every 30 seconds: derived, of one voucher and generation, and of their time."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import new_id
from core.security.rotating_codes import (
    STEP_SECONDS,
    matching_steps,
    next_change,
    rotating_code,
    rotating_key,
    split_scanned,
)
from core.security.signing_keys import SigningKeys

KEYS = SigningKeys.generate()
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
STEP = int(NOON.timestamp()) // STEP_SECONDS


@pytest.mark.parametrize(
    ("seconds", "steps"),
    [(-31, []), (-30, [STEP]), (0, [STEP]), (29, [STEP]), (59, [STEP]), (60, [])],
)
def test_a_code_is_accepted_around_its_time(seconds: int, steps: list[int]) -> None:
    voucher_id = new_id()
    code = rotating_code(rotating_key(KEYS, voucher_id, 1), NOON)
    at = NOON + timedelta(seconds=seconds)
    assert matching_steps(KEYS, voucher_id, 1, code, at) == steps


def test_a_code_is_of_one_voucher_one_generation_and_the_keys_of_the_server() -> None:
    voucher_id = new_id()
    code = rotating_code(rotating_key(KEYS, voucher_id, 1), NOON)
    assert len(code) == 8
    assert matching_steps(KEYS, voucher_id, 1, code.upper(), NOON) == [STEP]
    assert matching_steps(KEYS, new_id(), 1, code, NOON) == []
    assert matching_steps(KEYS, voucher_id, 2, code, NOON) == []
    assert matching_steps(SigningKeys.generate(), voucher_id, 1, code, NOON) == []
    for wrong in ("", code[:7], f"{code}0", "\ud800", "ü" * 8):
        assert matching_steps(KEYS, voucher_id, 1, wrong, NOON) == []


def test_the_content_of_a_qr_code_is_a_token_and_maybe_a_code() -> None:
    assert split_scanned("a.b.c") == ("a.b.c", None)
    assert split_scanned("a.b.c~0123abcd") == ("a.b.c", "0123abcd")
    assert split_scanned("a.b.c~") == ("a.b.c", "")


def test_the_next_code_follows_at_the_end_of_the_step() -> None:
    assert next_change(NOON) == NOON + timedelta(seconds=30)
    assert next_change(NOON + timedelta(seconds=29.9)) == NOON + timedelta(seconds=30)
