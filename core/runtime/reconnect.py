"""Spreads reconnects over time when the server closes sockets."""

import random

RESTART = 1012  # graphql-ws retries after this close code
MIN_DELAY_SECONDS, MAX_DELAY_SECONDS = 0.2, 5.0


def retry_hint() -> str:
    """Return a close reason with a random delay, so that clients do not all return at once."""
    return f"retry in {random.uniform(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS):.1f} s"  # noqa: S311 - no secret
