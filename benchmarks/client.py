"""The clients, in a process of their own: keep-alive HTTP/1.1 with nothing in its way.

An ordinary HTTP library takes longer over a request than the server takes over a
short one, and would be what is measured.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import cast

import uvloop

from benchmarks.tally import Tally

PATIENCE_SECONDS = 20
NEXT = "\r\n\r\n"  # between the head and the body


@dataclass(frozen=True)
class Job:
    """Requests as they go over the wire, each sent once unless they are to be `repeated`."""

    port: int
    clients: int
    seconds: float
    requests: list[bytes]
    repeated: bool
    wanted: bytes


def work(job: Job) -> Tally:
    """Send for `seconds`, wait for what is on its way, and tell. Runs out early if requests do."""
    return uvloop.run(Load(job).run())


class Load:
    """Many connections that take from one pile of requests."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()
        self._pile: Iterator[bytes] = cycle(job.requests) if job.repeated else iter(job.requests)
        self._start = self._last = 0.0

    async def run(self) -> Tally:
        loop = asyncio.get_running_loop()
        connections = [Connection(self) for _ in range(self.job.clients)]
        for one in connections:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", self.job.port)  # type: ignore[misc]
        self._start = perf_counter()
        for one in connections:
            one.send()
        async with asyncio.timeout(self.job.seconds + PATIENCE_SECONDS):
            await asyncio.gather(*(one.closed for one in connections))
        return Tally(self._last - self._start, self.latencies, self.errors)

    def take(self) -> bytes | None:
        over = perf_counter() - self._start > self.job.seconds
        return None if over else next(self._pile, None)

    def note(self, since: float, answer: bytes) -> None:
        self._last = perf_counter()
        if answer.startswith(b"HTTP/1.1 200") and self.job.wanted in answer:
            self.latencies.append((self._last - since) * 1000)
        else:
            status, _, rest = answer.decode(errors="replace").partition("\r\n")
            self.errors[f"{status} {rest.partition(NEXT)[2][:160]}"] += 1


class Connection(asyncio.Protocol):
    """One client: the next request goes out when the last one is answered."""

    def __init__(self, load: Load) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        self._since: float | None = None
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's has no such base

    def send(self) -> None:
        request = self._load.take()
        if request is None:
            self._since = None
            self._transport.close()
            return
        self._since = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if found and len(body) >= _length(head) and self._since is not None:
            answer, self._answer = self._answer, b""
            self._load.note(self._since, answer)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._since is not None:
            self._load.errors[f"connection lost: {error or 'closed by the server'}"] += 1
        if not self.closed.done():
            self.closed.set_result(None)


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
