"""Arithmetic of amounts in minor units: no float, and no minor unit lost or made."""

from collections.abc import Sequence

BPS = 10_000  # basis points of one: 250 is 2.5 %
# Of an order, in minor units: 100 lines of 999 units at 10^12 each are 10^17, and deliveries and
# taxes come on top.
MAX_ORDER_AMOUNT = 10**18


def half_up(numerator: int, denominator: int) -> int:
    """Divide, and round a half away from zero, as tax authorities do."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    whole, rest = divmod(abs(numerator), abs(denominator))
    return sign * (whole + (2 * rest >= abs(denominator)))


def share(amount: int, bps: int) -> int:
    """Return the share of an amount, rounded half up."""
    return half_up(amount * bps, BPS)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split an amount in proportion to weights, by largest remainder. The shares sum to it.

    Neither may be negative. No share exceeds its weight if the total does not exceed their sum. On
    a tie the greater weight gets the unit, then the earlier one: so the order of different weights
    does not matter. Without any weight, all are the same.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("An amount and its weights cannot be negative.")
    whole = sum(weights)
    if not whole:
        if not weights:
            if total:
                raise ValueError("There is nothing to split the amount over.")
            return []
        return split(total, [1] * len(weights))
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda n: (-(total * weights[n] % whole), -weights[n], n)
    )
    for place in by_remainder[: total - sum(shares)]:
        shares[place] += 1
    return shares


def part(total: int, of: int, start: int, stop: int) -> int:
    """Return the amount of the units from `start` to `stop` of a number of units.

    Cumulative: whatever the parts into which the units are cut, their amounts sum to the total.
    """
    return total * stop // of - total * start // of
