"""The signal between processes: "look at this topic", never what happened.

Broadcaster's Redis backend of release 0.3.1 dies with the first lost connection, so
ours takes its place; and a channel has one call here where it has a queue and a task.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
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
from redis.exceptions import RedisError

REPLY_SECONDS = 1.0
QUIET_SECONDS = 5.0  # without a word from Redis, it is asked whether it is there
BACKOFF = EqualJitterBackoff(cap=0.4, base=0.02)

log = structlog.get_logger(__name__)


class RedisBackend(BroadcastBackend):
    """Listens for ever, over one connection at a time that one task makes and reads.

    redis-py would connect anew in whichever task notices first; two at once take
    each other's answers, and one that is cancelled leaves a connection with no
    subscriptions. Each confirmed subscription, the first and those after a lost
    connection, is passed on as an event of its channel, for signals may have been missed.
    """

    def __init__(self, url: str) -> None:
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
        self._awaited: dict[str, asyncio.Event] = {}
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._reader: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self._reader = asyncio.create_task(self._read())

    async def disconnect(self) -> None:
        if self._reader:
            await _end(self._reader)
        with suppress(RedisError, OSError):
            await self._publishing.aclose()

    async def subscribe(self, channel: str) -> None:
        """Returns when Redis has confirmed, or after a second without Redis."""
        self._channels.add(channel)
        confirmed = self._awaited[channel] = asyncio.Event()
        await self._send("SUBSCRIBE", channel)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(REPLY_SECONDS):
                    await confirmed.wait()
        finally:
            self._awaited.pop(channel, None)

    async def unsubscribe(self, channel: str) -> None:
        self._channels.discard(channel)
        await self._send("UNSUBSCRIBE", channel)

    async def publish(self, channel: str, message: Any) -> None:
        await self._publishing.publish(channel, message)

    async def next_published(self) -> Event:
        return await self._events.get()

    async def _send(self, *command: str) -> None:
        """Write to the connection there is; the next one subscribes to all there is to hear."""
        if self._connection and self._connection.is_connected:
            with suppress(RedisError, OSError):
                await self._connection.send_command(*command)

    async def _read(self) -> None:
        failures = 0
        while True:
            connection: Connection = self._listening.make_connection()  # type: ignore[no-untyped-call]
            try:
                async with asyncio.timeout(REPLY_SECONDS):
                    await connection.connect()  # type: ignore[no-untyped-call]
                self._connection, failures = connection, 0
                if self._channels:
                    await self._send("SUBSCRIBE", *self._channels)
                await self._hear(connection)
            except (RedisError, OSError) as error:
                if not failures:
                    log.warning("hub.disconnected", error=str(error))
            finally:
                self._connection = None
                await connection.disconnect(nowait=True)
            failures += 1
            await asyncio.sleep(BACKOFF.compute(failures))

    async def _hear(self, connection: Connection) -> None:
        """Pass on what Redis says, until it says nothing although it was asked."""
        asked = False
        while True:
            said = await connection.read_response(timeout=QUIET_SECONDS)
            if said is None and asked:
                raise Disconnected("Redis does not answer.")
            asked = said is None
            if asked:
                await connection.send_command("PING")
            elif isinstance(said, list) and said[0] in {b"message", b"subscribe"}:
                channel = said[1].decode()
                if said[0] == b"subscribe" and channel in self._awaited:
                    self._awaited[channel].set()
                self._events.put_nowait(Event(channel, ""))


Heard = Callable[[], None]


class Calls(Broadcast):
    """Broadcaster with calls for a channel, which say no more than "look" and never wait."""

    def __init__(self, backend: BroadcastBackend) -> None:
        super().__init__(backend=backend)
        self.heard: dict[str, list[Heard]] = {}

    async def _listener(self) -> None:
        while True:
            event = await self._backend.next_published()
            for heard in tuple(self.heard.get(event.channel, ())):
                heard()


class PubSub:
    """Publishes which topics have grown, and calls back when one has."""

    def __init__(self, url: str) -> None:
        self._backend = RedisBackend(url)
        self._broadcast = Calls(self._backend)
        self._outgoing: dict[str, int] = {}
        self._pending = asyncio.Event()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._publisher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._broadcast.connect()
        self._publisher = asyncio.create_task(self._publish())

    async def stop(self) -> None:
        if self._publisher:
            await _end(self._publisher)
        await self._broadcast.disconnect()

    def publish(self, grown: Mapping[str, int]) -> None:
        """Say how far topics have grown. Returns at once; a Redis that is down is no error here."""
        self._outgoing.update(grown)
        self._pending.set()

    async def subscribe(self, topic: str, heard: Heard) -> None:
        """Call `heard` whenever `topic` may have changed. Redis is told once per topic."""
        async with self._locks.setdefault(topic, asyncio.Lock()):
            listening = self._broadcast.heard.setdefault(topic, [])
            listening.append(heard)
            try:
                if len(listening) == 1:
                    await self._backend.subscribe(topic)
            except BaseException:
                await self._let_go(topic, heard)
                raise

    async def unsubscribe(self, topic: str, heard: Heard) -> None:
        async with self._locks.setdefault(topic, asyncio.Lock()):
            await self._let_go(topic, heard)

    @asynccontextmanager
    async def listen(self, topic: str, heard: Heard) -> AsyncIterator[None]:
        """The same for as long as the block runs."""
        await self.subscribe(topic, heard)
        try:
            yield
        finally:
            await self.unsubscribe(topic, heard)

    async def _let_go(self, topic: str, heard: Heard) -> None:
        listening = self._broadcast.heard[topic]
        listening.remove(heard)
        if not listening:
            del self._broadcast.heard[topic]
            await self._backend.unsubscribe(topic)

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


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel until it is so: in Python 3.11 `wait_for`, which redis-py uses, can lose one."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)
