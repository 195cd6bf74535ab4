"""The verdict on a rotating code, by the setting of the vendor and the codes that are used."""

from collections.abc import Sequence

import pytest

from models.fraud.settings import RotationMode
from models.redemptions import RedemptionReason
from services.redemptions.rotation import judge_code

OFF, PREFER, REQUIRE = RotationMode.OFF, RotationMode.PREFER, RotationMode.REQUIRE
EXPIRED, USED = RedemptionReason.CODE_EXPIRED, RedemptionReason.STEP_USED


@pytest.mark.parametrize(
    ("mode", "steps", "verdict"),
    [
        (OFF, None, (None, None)),
        (OFF, [], (None, None)),
        (PREFER, None, (None, None)),
        (PREFER, [], (None, EXPIRED)),
        (PREFER, [7], (7, None)),
        (REQUIRE, None, (None, EXPIRED)),
        (REQUIRE, [], (None, EXPIRED)),
        (REQUIRE, [7], (7, None)),
    ],
)
def test_the_setting_decides_on_missing_and_wrong_codes(
    mode: RotationMode,
    steps: Sequence[int] | None,
    verdict: tuple[int | None, RedemptionReason | None],
) -> None:
    assert judge_code(mode, steps, None) == verdict


def test_a_used_code_is_dead_for_its_whole_time() -> None:
    for last in (7, 8, 9):
        assert judge_code(REQUIRE, [7], last) == (None, USED)
    assert judge_code(REQUIRE, [8], 7) == (8, None)


def test_a_fresh_code_with_the_digits_of_the_used_one_is_accepted() -> None:
    """A replay memory that looks no further than the first match would refuse the customer."""
    assert judge_code(REQUIRE, [7, 8], 7) == (8, None)
    assert judge_code(REQUIRE, [7, 8], 8) == (None, USED)
