"""The load generator: raw sockets, in a process of its own.

An ordinary HTTP client takes longer for a request than the server takes for a short one, so the
benchmark would measure the client.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import cast

import uvloop

from benchmarks.load.results import LoadResult

TIMEOUT_SECONDS = 20
HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class LoadJob:
    """Encoded requests, sent once, or in rotation if `repeatable`."""

    port: int
    clients: int
    seconds: float
    requests: list[bytes]
    repeatable: bool
    expected: bytes


def run_load(job: LoadJob) -> LoadResult:
    """Send for `job.seconds` or until none are left, and wait for all responses."""
    return uvloop.run(LoadGenerator(job).run())


class LoadGenerator:
    def __init__(self, job: LoadJob) -> None:
        self.job = job
        self.latencies: list[float] = []
        self.errors: Counter[str] = Counter()
        requests = job.requests
        self._queue: Iterator[bytes] = cycle(requests) if job.repeatable else iter(requests)
        self._start = self._last = 0.0

    async def run(self) -> LoadResult:
        loop = asyncio.get_running_loop()
        connections = [ClientConnection(self) for _ in range(self.job.clients)]
        for one in connections:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", self.job.port)  # type: ignore[misc]
        self._start = perf_counter()
        for one in connections:
            one.send()
        async with asyncio.timeout(self.job.seconds + TIMEOUT_SECONDS):
            await asyncio.gather(*(one.closed for one in connections))
        return LoadResult(self._last - self._start, self.latencies, self.errors)

    def next_request(self) -> bytes | None:
        over = perf_counter() - self._start > self.job.seconds
        return None if over else next(self._queue, None)

    def record(self, since: float, response: bytes) -> None:
        self._last = perf_counter()
        if response.startswith(b"HTTP/1.1 200") and self.job.expected in response:
            self.latencies.append((self._last - since) * 1000)
        else:
            status, _, rest = response.decode(errors="replace").partition("\r\n")
            self.errors[f"{status} {rest.partition(HEAD_END.decode())[2][:160]}"] += 1


class ClientConnection(asyncio.Protocol):
    def __init__(self, load: LoadGenerator) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._load = load
        self._since: float | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport does not inherit from asyncio.Transport.
        self._transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        request = self._load.next_request()
        if request is None:
            self._since = None
            self._transport.close()
            return
        self._since = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(HEAD_END)
        if found and len(body) >= content_length(head) and self._since is not None:
            response, self._received = self._received, b""
            self._load.record(self._since, response)
            self.send()

    def connection_lost(self, error: Exception | None) -> None:
        if self._since is not None:
            self._load.errors[f"connection lost: {error or 'closed by the server'}"] += 1
        if not self.closed.done():
            self.closed.set_result(None)


def content_length(head: bytes) -> int:
    return int(head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0])
