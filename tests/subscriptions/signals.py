"""Whether changes come by a signal of Redis, and not only by the sweep of the journal."""

from collections.abc import Awaitable, Callable

from services.journal.feed import SWEEP_SECONDS

MAX_TRIES = 20


async def signalled(lag: Callable[[], Awaitable[float]]) -> float:
    """Measure the lag of changes until one of them was signalled, and return that lag.

    Each change is made as soon as the one before has arrived. If the sweep alone finds them, it has
    just been, and the next one takes most of two seconds. A signal may take long on a busy machine,
    and the first ones are lost while a connection to Redis is made, so there are many tries.
    """
    await lag()
    for _ in range(MAX_TRIES):
        if (seconds := await lag()) < SWEEP_SECONDS / 2:
            return seconds
    raise AssertionError(f"None of {MAX_TRIES} changes was signalled.")
