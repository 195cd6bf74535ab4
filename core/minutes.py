"""Sets of minutes, as the bits of an int: bit k is the minute k after an origin.

A month is 5 kB, which Python combines in less than a microsecond. Loops over datetimes take a
hundred times as long.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

Span = tuple[int, int]  # the first minute, and the one after the last


def between(first: int, end: int) -> int:
    """Return the minutes from one until another, which is not in the set."""
    return ((1 << (end - first)) - 1) << first if first < end else 0


def every(step: int, first: int, end: int) -> int:
    """Return each minute that is a number of steps after the first, before the end."""
    return _comb(step, -(-(end - first) // step)) << first if first < end else 0


@lru_cache(maxsize=1024)
def _comb(step: int, count: int) -> int:
    return int(("0" * (step - 1) + "1") * count, 2)


def runs(minutes: int, length: int) -> int:
    """Return the minutes from which so many minutes in a row are in the set."""
    done = 1
    while 2 * done <= length:
        minutes &= minutes >> done
        done *= 2
    return minutes & minutes >> (length - done) if done < length else minutes


def covered(spans: Iterable[Span], size: int) -> int:
    """Return the minutes of spans that do not overlap, before `size`.

    A span is `2**end - 2**first`, so the sums of both make a set of any number of spans.
    """
    firsts, ends = bytearray(size // 8 + 1), bytearray(size // 8 + 1)
    for first, end in spans:
        first, end = max(first, 0), min(end, size)  # noqa: PLW2901
        if first < end:
            firsts[first >> 3] |= 1 << (first & 7)
            ends[end >> 3] |= 1 << (end & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(firsts, "little")


def at_least(count: int, sets: Iterable[int]) -> int:
    """Return the minutes that are in at least so many of the sets."""
    levels = [0] * count
    for minutes in sets:
        for level in range(count - 1, 0, -1):
            levels[level] |= levels[level - 1] & minutes
        levels[0] |= minutes
    return levels[-1]


def members(minutes: int) -> Iterator[int]:
    """Return the minutes of a set in order."""
    while minutes:
        lowest = minutes & -minutes
        yield lowest.bit_length() - 1
        minutes ^= lowest


def spans(minutes: int) -> Iterator[Span]:
    """Return the minutes of a set as spans that neither touch nor overlap, in order."""
    end = 0
    while rest := minutes >> end:
        first = end + (rest & -rest).bit_length() - 1
        run = minutes >> first
        end = first + (~run & run + 1).bit_length() - 1
        yield first, end
