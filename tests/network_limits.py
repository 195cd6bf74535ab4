"""Limits per network that tests do not reach, because all tests of a worker call from one network.

Without them, a test would fail after others that do what a limit counts.
"""

from typing import Any

from core.settings import Settings

IN_NETWORKS_OF_THEIR_OWN = {"log_in_attempts_per_network"}  # the tests that count them are
NOT_REACHED: dict[str, Any] = {
    name: 100_000
    for name in Settings.model_fields
    if name.endswith("_per_network") and name not in IN_NETWORKS_OF_THEIR_OWN
} | {"anonymous_points": 1_000_000, "points_per_second": 1_000_000}
IN_ENVIRONMENT = {name.upper(): str(limit) for name, limit in NOT_REACHED.items()}
