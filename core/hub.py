"""The signal between processes: "look at this topic", never what happened.

Broadcaster fans a channel out within the process; its Redis backend of release
0.3.1 dies with the first lost connection, so ours takes its place.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from broadcaster import Broadcast
from broadcaster._backends.base import BroadcastBackend
from broadcaster._base import Event
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import EqualJitterBackoff
from redis.exceptions import RedisError

LOBBY = "haat:lobby"  # always subscribed, so that there is a connection to listen on
REPLY_TIMEOUT = 1.0

log = structlog.get_logger(__name__)


class RedisBackend(BroadcastBackend):
    """Listens for ever: redis-py reconnects with backoff and subscribes anew by itself.

    Each confirmed subscription, the first and those after a lost connection, is
    passed on as an event of its channel, for signals may have been missed.
    """

    def __init__(self, url: str) -> None:
        patience = Retry(EqualJitterBackoff(cap=1.0, base=0.05), retries=-1)
        self._listening: Redis = Redis.from_url(
            url, retry=patience, retry_on_error=[RedisError, OSError], health_check_interval=10
        )
        self._publishing: Redis = Redis.from_url(
            url,
            retry=Retry(EqualJitterBackoff(cap=0.1, base=0.02), retries=1),
            socket_timeout=1,
            socket_connect_timeout=1,
        )
        self._pubsub = self._listening.pubsub()
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._confirmed: dict[str, asyncio.Event] = {}
        self._reader: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._reader = asyncio.create_task(self._read())

    async def disconnect(self) -> None:
        if self._reader:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        for closing in (self._pubsub, self._listening, self._publishing):
            with suppress(RedisError, OSError):
                await closing.aclose()

    async def subscribe(self, channel: str) -> None:
        """Returns when Redis has confirmed, or after a second without Redis."""
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(REPLY_TIMEOUT):
                await self._pubsub.subscribe(channel)
                await confirmed.wait()

    async def unsubscribe(self, channel: str) -> None:
        self._confirmed.pop(channel, None)
        with suppress(TimeoutError, RedisError):
            async with asyncio.timeout(REPLY_TIMEOUT):
                await self._pubsub.unsubscribe(channel)

    async def publish(self, channel: str, message: Any) -> None:
        await self._publishing.publish(channel, message)

    async def next_published(self) -> Event:
        return await self._events.get()

    async def _read(self) -> None:
        await self._pubsub.subscribe(LOBBY)
        async for message in self._pubsub.listen():
            channel = message["channel"].decode()
            if message["type"] == "subscribe" and channel in self._confirmed:
                self._confirmed[channel].set()
            elif message["type"] != "message":
                continue
            self._events.put_nowait(Event(channel, ""))


class Hub:
    """Publishes which topics have grown, and calls back when one has."""

    def __init__(self, url: str) -> None:
        self._broadcast = Broadcast(backend=RedisBackend(url))
        self._outgoing: dict[str, int] = {}
        self._pending = asyncio.Event()
        self._publisher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._broadcast.connect()
        self._publisher = asyncio.create_task(self._publish())

    async def stop(self) -> None:
        if self._publisher:
            self._publisher.cancel()
            with suppress(asyncio.CancelledError):
                await self._publisher
        await self._broadcast.disconnect()

    def announce(self, grown: Mapping[str, int]) -> None:
        """Say how far topics have grown. Returns at once; a Redis that is down is no error here."""
        self._outgoing.update(grown)
        self._pending.set()

    @asynccontextmanager
    async def listen(self, topic: str, heard: Callable[[], None]) -> AsyncIterator[None]:
        """Call `heard` whenever `topic` may have grown. Once per topic and process."""
        async with self._broadcast.subscribe(topic) as subscriber:

            async def drain() -> None:
                while True:
                    await subscriber.get()
                    heard()

            draining = asyncio.create_task(drain())
            try:
                yield
            finally:
                draining.cancel()

    async def _publish(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            grown, self._outgoing = self._outgoing, {}
            try:
                for topic, seq in grown.items():
                    await self._broadcast.publish(topic, seq)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("hub.publish_failed", error=str(error), topics=len(grown))
