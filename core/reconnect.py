"""When a client comes back whose socket the server closes: each at another time."""

import random

RESTART = 1012  # graphql-ws tries again
LEAST_SECONDS, MOST_SECONDS = 0.2, 5.0


def hint() -> str:
    """The reason to close with, so that thousands do not return at once."""
    return f"retry in {random.uniform(LEAST_SECONDS, MOST_SECONDS):.1f} s"  # noqa: S311
