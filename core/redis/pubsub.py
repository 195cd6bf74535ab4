"""Signals between processes: "this topic has changed", never what changed.

This file uses private parts of broadcaster (`_backends`, `_base`, `_listener`), which is pinned to
0.3.1. Its own Redis backend stops for good with the first lost connection, so ours replaces it; and
its queue and task per subscriber are replaced by a call. If these parts change,
tests/subscriptions/delivery/test_redis.py and tests/services/journal/test_feed.py break.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import structlog
from broadcaster import Broadcast
from broadcaster._backends.base import BroadcastBackend
from broadcaster._base import Event
from redis.asyncio import Connection, ConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import EqualJitterBackoff, NoBackoff
from redis.exceptions import ConnectionError as Disconnected

from core.outages import REDIS_ERRORS

REPLY_SECONDS = 1.0
IDLE_SECONDS = 5.0  # without a message from Redis, it is pinged
# Between publications. A rush of mutations would send one for each, of 0.1 ms of CPU time.
PAUSE_SECONDS = 0.005
RECONNECT_BACKOFF = EqualJitterBackoff(cap=0.4, base=0.02)

log = structlog.get_logger(__name__)
OnSignal = Callable[[], None]


@dataclass(frozen=True)
class PubSubStats:
    topics: int
    channels: int
    connected: bool
    connections_made: int


class RedisBackend(BroadcastBackend):
    """Listens over one connection at a time, which one task makes, reads and replaces.

    redis-py would reconnect in whichever task notices first. Two that do so at once read each
    other's replies, and one that is cancelled leaves a connection without subscriptions. Each
    confirmed subscription, the first ones and those after a reconnect, is passed on as a signal of
    its channel, because signals may have been missed before it.
    """

    def __init__(self, url: str) -> None:
        self.connections_made = 0
        # No `socket_timeout`: with one, redis-py suspends in each write, and a subscriber that is
        # cancelled there closes the connection of all. `_send` has the deadline.
        self._listening = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), retries=0, supported_errors=()),
            socket_connect_timeout=REPLY_SECONDS,
        )
        self._publishing: Redis = Redis.from_url(
            url,
            retry=Retry(EqualJitterBackoff(cap=0.1, base=0.02), retries=1),
            socket_timeout=REPLY_SECONDS,
            socket_connect_timeout=REPLY_SECONDS,
        )
        self._connection: Connection | None = None
        self._channels: set[str] = set()
        self._unconfirmed: dict[str, asyncio.Event] = {}
        self._new: list[str] = []
        self._subscribing: asyncio.Task[None] | None = None
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    @property
    def channels(self) -> int:
        return len(self._channels)

    async def connect(self) -> None:
        self._reader = asyncio.create_task(self._read_forever())

    async def disconnect(self) -> None:
        if self._reader:
            await _cancel(self._reader)
        with suppress(*REDIS_ERRORS):
            await self._publishing.aclose()

    async def subscribe(self, channel: str) -> None:
        """Return when Redis has confirmed, or after a second without Redis."""
        self._channels.add(channel)
        confirmed = self._unconfirmed[channel] = asyncio.Event()
        if not self._new:
            self._subscribing = asyncio.create_task(self._subscribe_new())
        self._new.append(channel)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(REPLY_SECONDS):
                    await confirmed.wait()
        finally:
            self._unconfirmed.pop(channel, None)

    async def _subscribe_new(self) -> None:
        """Subscribe to the channels of one turn of the event loop, with one command.

        A channel whose subscriber was cancelled meanwhile is left out: it would never be
        unsubscribed again.
        """
        new, self._new = [one for one in self._new if one in self._channels], []
        if new:
            await self._send("SUBSCRIBE", *new)

    async def unsubscribe(self, channel: str) -> None:
        self._channels.discard(channel)
        await self._send("UNSUBSCRIBE", channel)

    async def publish(self, channel: str, message: Any) -> None:
        await self.publish_all({channel: message})

    async def publish_all(self, messages: Mapping[str, Any]) -> None:
        """Publish one message per channel, all in one round trip."""
        async with self._publishing.pipeline(transaction=False) as pipe:
            for channel, message in messages.items():
                pipe.publish(channel, message)
            await pipe.execute()

    async def next_published(self) -> Event:
        return await self._events.get()

    async def _send(self, *command: str) -> None:
        """Send over the current connection. The next one subscribes to all channels anyway."""
        if self._connection and self._connection.is_connected:
            with suppress(*REDIS_ERRORS):
                async with asyncio.timeout(REPLY_SECONDS):
                    await self._connection.send_command(*command)

    async def _read_forever(self) -> None:
        failures = 0
        while True:
            connection: Connection = self._listening.make_connection()  # type: ignore[no-untyped-call] # of redis-py
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    await connection.connect()  # type: ignore[no-untyped-call] # of redis-py
                self._connection, failures = connection, 0
                self.connections_made += 1
                if self._channels:
                    await self._send("SUBSCRIBE", *self._channels)
                await self._read_events(connection)
            except REDIS_ERRORS as error:
                if not failures:  # once per outage
                    log.warning("pubsub.disconnected", error=str(error))
            finally:
                self._connection = None
                await connection.disconnect(nowait=True)
            failures += 1
            await asyncio.sleep(RECONNECT_BACKOFF.compute(failures))

    async def _read_events(self, connection: Connection) -> None:
        """Pass on messages and confirmations. Raises if Redis does not answer a ping.

        Without the ping, a connection whose other end has vanished would look idle for ever.
        """
        pinged = False
        while True:
            reply = await connection.read_response(timeout=IDLE_SECONDS)
            if reply is None and pinged:
                raise Disconnected("Redis does not answer.")
            pinged = reply is None
            if pinged:
                await connection.send_command("PING")
            elif isinstance(reply, list) and reply[0] in {b"message", b"subscribe"}:
                channel = reply[1].decode()
                if reply[0] == b"subscribe" and channel in self._unconfirmed:
                    self._unconfirmed[channel].set()
                self._events.put_nowait(Event(channel, ""))


class CallbackBroadcast(Broadcast):
    """Broadcaster with callbacks per channel. They must not block."""

    def __init__(self, backend: BroadcastBackend) -> None:
        super().__init__(backend=backend)
        self.callbacks: dict[str, list[OnSignal]] = {}

    async def _listener(self) -> None:
        while True:
            event = await self._backend.next_published()
            for on_signal in tuple(self.callbacks.get(event.channel, ())):
                on_signal()


class PubSub:
    """Publishes which topics have changed, and calls back when one has."""

    def __init__(self, url: str) -> None:
        self._backend = RedisBackend(url)
        self._broadcast = CallbackBroadcast(self._backend)
        self._outgoing: dict[str, int] = {}
        self._pending = asyncio.Event()
        # One lock per topic: a subscription must not overtake the unsubscription before it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._publisher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._broadcast.connect()
        self._publisher = asyncio.create_task(self._publish_forever())

    async def stop(self) -> None:
        if self._publisher:
            await _cancel(self._publisher)
        await self._broadcast.disconnect()

    def stats(self) -> PubSubStats:
        return PubSubStats(
            topics=len(self._broadcast.callbacks),
            channels=self._backend.channels,
            connected=self._backend.connected,
            connections_made=self._backend.connections_made,
        )

    def publish(self, grown: Mapping[str, int]) -> None:
        """Publish the newest sequence number of each topic, at most every 5 ms.

        Returns at once and never fails: callers have committed already, and a signal that is lost
        while Redis is down is made up for by the sweep.
        """
        self._outgoing.update(grown)
        self._pending.set()

    async def subscribe(self, topic: str, on_signal: OnSignal) -> None:
        """Call `on_signal` when the topic may have changed. Redis has one subscription per topic.

        Returns when Redis has confirmed, so no later change goes without a signal.
        """
        async with self._locks.setdefault(topic, asyncio.Lock()):
            callbacks = self._broadcast.callbacks.setdefault(topic, [])
            callbacks.append(on_signal)
            try:
                if len(callbacks) == 1:
                    await self._backend.subscribe(topic)
            except BaseException:
                await self._remove(topic, on_signal)
                raise

    async def unsubscribe(self, topic: str, on_signal: OnSignal) -> None:
        async with self._locks.setdefault(topic, asyncio.Lock()):
            await self._remove(topic, on_signal)

    @asynccontextmanager
    async def listen(self, topic: str, on_signal: OnSignal) -> AsyncIterator[None]:
        """Subscribe for the duration of the block."""
        await self.subscribe(topic, on_signal)
        try:
            yield
        finally:
            await self.unsubscribe(topic, on_signal)

    async def _remove(self, topic: str, on_signal: OnSignal) -> None:
        callbacks = self._broadcast.callbacks[topic]
        callbacks.remove(on_signal)
        if not callbacks:
            del self._broadcast.callbacks[topic]
            await self._backend.unsubscribe(topic)

    async def _publish_forever(self) -> None:
        while True:
            await self._pending.wait()
            self._pending.clear()
            grown, self._outgoing = self._outgoing, {}
            try:
                await self._backend.publish_all(grown)
            except REDIS_ERRORS as error:
                log.warning("pubsub.publish_failed", error=str(error), topics=len(grown))
            await asyncio.sleep(PAUSE_SECONDS)


async def _cancel(task: asyncio.Task[None]) -> None:
    """Cancel until the task is done. Python 3.11's `wait_for`, in redis-py, can swallow one."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
