"""Asks a server for something short, at a steady pace, to notice when it keeps others waiting."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from benchmarks.load.generator import HEAD_END, content_length
from benchmarks.load.results import LoadResult


@dataclass(frozen=True)
class Probe:
    """Sends one request again and again over one connection, with a pause after each answer.

    It writes to the socket itself: an ordinary client would take a tenth of a core from the server.
    """

    port: int
    request: bytes
    pause_seconds: float

    async def watch(self, seconds: float) -> LoadResult:
        """Return the latencies of so many seconds."""
        async with self.watching() as result:
            await asyncio.sleep(seconds)
        return result

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[LoadResult]:
        """Add latencies to the result until the context ends."""
        result, start = LoadResult(), perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        asking = asyncio.create_task(self._ask(reader, writer, result))
        try:
            yield result
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            writer.close()
            result.seconds = perf_counter() - start

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, result: LoadResult
    ) -> None:
        while True:
            began = perf_counter()
            writer.write(self.request)
            head = await reader.readuntil(HEAD_END)
            await reader.readexactly(content_length(head.removesuffix(HEAD_END)))
            if head.startswith(b"HTTP/1.1 200"):
                result.latencies.append((perf_counter() - began) * 1_000)
            else:
                result.errors[head.decode().partition("\r\n")[0]] += 1
            await asyncio.sleep(self.pause_seconds)
