"""Timeouts of the Redis clients that requests wait for."""

from typing import Any

# All these clients work without Redis, so a Redis that hangs may delay a request only briefly.
REDIS_TIMEOUT_SECONDS = 0.5
REDIS_TIMEOUTS: dict[str, Any] = {
    "socket_timeout": REDIS_TIMEOUT_SECONDS,
    "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
}
