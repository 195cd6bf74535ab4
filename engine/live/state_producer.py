"""Publishes ephemeral state to a group: as it is at first, and whenever it differs."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from functools import partial
from typing import Any, NamedTuple

from engine.live.execution import EncodedResult
from engine.live.journal_producer import Execute
from engine.live.sources import StateSource
from engine.live.state_cache import StateCache, WatchedState
from engine.live.subscriber import Position, Subscriber
from engine.live.subscriber_group import Step, SubscriberGroup


class Published(NamedTuple):
    """The position in a topic: its value, and the result that published it."""

    value: Hashable
    result: EncodedResult


class StateProducer:
    """Keeps the newest value only, so a slow subscriber skips the values in between."""

    def __init__(
        self, source: StateSource[Any], cache: StateCache, state: Any, execute: Execute
    ) -> None:
        self._source, self._cache, self._state = source, cache, state
        self._execute = execute
        self._watched: list[WatchedState] = []
        self._on_signal: Callable[[], None] | None = None

    async def open(self, on_signal: Callable[[], None]) -> Position:
        self._on_signal = on_signal
        for topic in self._source.topics:
            read = partial(self._source.read, self._state, topic)
            self._watched.append(await self._cache.open(topic, read, on_signal))
        return {}

    async def close(self) -> None:
        for topic in self._source.topics:
            if self._on_signal:
                await self._cache.close(topic, self._on_signal)

    async def steps(self, group: SubscriberGroup) -> AsyncGenerator[Step, None]:
        """Yield a step per topic whose value differs from the published one."""
        for watched in self._watched:
            topic, value = watched.topic, watched.value
            published = group.position.get(topic)
            if published is None or published.value != value:
                build = partial(self._source.change, topic=topic, value=value)
                result = await self._execute(build, None)
                position = {**group.position, topic: Published(value, result)}
                yield Step(position, partial(_completed, result))

    async def replay(
        self, subscriber: Subscriber, position: Position, group: SubscriberGroup
    ) -> bool:
        """Send the newest result of each topic that the subscriber does not have.

        It was authorized when it joined or when the result was published, but not since: after
        waiting for a slow client it is authorized again, and what is newest then is sent.
        """
        for topic, published in group.position.items():
            if position.get(topic) == published:
                continue
            if not subscriber.send(published.result):
                await subscriber.writable()
                await group.authorize(subscriber)
                return True
            position = {**position, topic: published}
            subscriber.position = position
        return True


def _completed(result: EncodedResult) -> asyncio.Future[EncodedResult]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future
