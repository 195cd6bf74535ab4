"""Limits the frames that the client of one WebSocket may send."""

from time import monotonic

from core.limits.buckets import TokenBucket

MESSAGE_COST = 4  # a JSON message takes the time of about four control frames
ALLOWANCE = TokenBucket(capacity=1_000, leak_per_second=20)


class FrameAllowance:
    """A bucket for the frames of one socket, which no points are charged for.

    Pings and other messages that run no operation cost time of the process, too.
    """

    __slots__ = ("_at", "_level")

    def __init__(self) -> None:
        self._at = 0.0
        self._level = 0.0

    def take(self, cost: int) -> bool:
        """Return whether a frame of this cost is allowed, and count it."""
        moment = monotonic()
        self._level = ALLOWANCE.drain(self._level, moment - self._at) + cost
        self._at = moment
        return not ALLOWANCE.wait_for(self._level)
