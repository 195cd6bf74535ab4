"""Retry strategies of tasks. A task's row is kept after the last failure."""

from procrastinate import RetryStrategy

# Waits 3, 9, 27 ... 59,049 seconds, 24 hours in total: longer than an outage that someone repairs
# within a day.
FOR_A_DAY = RetryStrategy(max_attempts=10, exponential_wait=3)

# For clean-up of an external storage, which is not urgent but must not be lost: its outages, or
# wrong credentials, can last longer than a day.
HOURLY_FOR_TWO_WEEKS = RetryStrategy(max_attempts=14 * 24, wait=3600)
