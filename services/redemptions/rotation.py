"""The decision on the rotating code of a QR code. Pure: it depends on its arguments alone."""

from collections.abc import Sequence
from typing import NamedTuple

from models.fraud.settings import RotationMode
from models.redemptions import RedemptionReason


class CodeVerdict(NamedTuple):
    """The step of an accepted code, or the reason for which it is refused. Neither without one."""

    step: int | None = None
    reason: RedemptionReason | None = None


def judge_code(
    mode: RotationMode, steps: Sequence[int] | None, last_step: int | None
) -> CodeVerdict:
    """Return the verdict on a code whose `steps` are those that have it. None is a missing code.

    Each step is tried before the code counts as used. A used code is refused until its time is
    over, and a later step of the same digits is not that code.
    """
    if mode is RotationMode.OFF:
        return CodeVerdict()
    if not steps:
        missing = steps is None and mode is not RotationMode.REQUIRE
        return CodeVerdict(reason=None if missing else RedemptionReason.CODE_EXPIRED)
    fresh = [step for step in steps if last_step is None or step > last_step]
    return CodeVerdict(fresh[0]) if fresh else CodeVerdict(reason=RedemptionReason.STEP_USED)
