"""What a subscription makes of the entries of its topics."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import NamedTuple

from core.errors import NotSignedIn
from schema.context import Info
from services import identity
from subscriptions.reading import Entry

CHECKPOINT_SECONDS = 60.0


class Seen(NamedTuple):
    """An entry with the cursor after it; without an entry, a checkpoint."""

    entry: Entry | None
    cursor: str


async def places(info: Info, topics: Collection[str], after: str | None) -> Mapping[str, int]:
    """Where to start, for a viewer whose session is open still.

    `Last-Event-ID`, which a browser sends by itself, beats the argument.
    """
    async with info.context.reading() as session:
        await identity.ensure_session_open(session, info.context.viewer)
    started_from = info.context.last_event_id or after
    return await info.context.house.feed.places(list(topics), started_from)


async def changes(
    info: Info,
    start: Mapping[str, int],
    wanted: Callable[[Entry], bool],
    ensure_allowed: Callable[[], Awaitable[None]],
) -> AsyncIterator[Seen]:
    """The wanted entries in order, each with its cursor, and a checkpoint each minute.

    Rights are asked for again after each entry is read; what they raise ends the
    stream, as does the end of the access token.
    """
    context = info.context
    async with context.house.feed.follow(start) as follower:
        checkpoint = time.monotonic() + CHECKPOINT_SECONDS
        while True:
            left = min(checkpoint - time.monotonic(), _seconds_left(context.expires))
            async for entry in follower.take(max(0.0, left)):
                if wanted(entry):
                    context.loaders.clear()
                    await ensure_allowed()
                    yield Seen(entry, follower.cursor)
            if _seconds_left(context.expires) <= 0:
                raise NotSignedIn("The access token has ended. Refresh it and resume.")
            if time.monotonic() >= checkpoint:
                await ensure_allowed()
                yield Seen(None, follower.cursor)
                checkpoint = time.monotonic() + CHECKPOINT_SECONDS
            await asyncio.sleep(0)


def _seconds_left(expires: float | None) -> float:
    return CHECKPOINT_SECONDS if expires is None else expires - time.time()
