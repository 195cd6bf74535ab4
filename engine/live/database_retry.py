"""Pacing of retries while the database does not respond."""

import asyncio

import structlog

# A restart or failover of PostgreSQL takes seconds. After half a minute the streams end with
# UNAVAILABLE, and clients resume elsewhere.
MAX_RETRIES, RETRY_SECONDS = 30, 1.0

log = structlog.get_logger(__name__)


class DatabaseRetry:
    """Waits before another attempt. Progress in between resets the count, unlike in tenacity."""

    def __init__(self) -> None:
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    async def wait(self, error: Exception) -> None:
        """Wait a second. Raises the error after 30 failures in a row."""
        self._failures += 1
        if self._failures > MAX_RETRIES:
            raise error
        log.warning("live.retrying", failures=self._failures, error=str(error))
        await asyncio.sleep(RETRY_SECONDS)
