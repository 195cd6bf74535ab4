"""The result of one turn of the live benchmark."""

from dataclasses import dataclass


@dataclass
class LiveMeasurement:
    """One server with one number of subscribers.

    `latencies` are in milliseconds, from the commit until the last subscriber has the change.
    `rate` (per second) and `cpu` (share of a core) were measured at saturation.
    """

    server: str
    subscribers: int
    connects: float  # per second
    kibibytes: float  # per subscriber
    latencies: list[float]
    rate: float
    cpu: float
    lost: int
