"""Asks a server for something short, at a steady pace, to notice when its event loop is busy."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

import httpx

from benchmarks.results import LoadResult

PAUSE_SECONDS = 0.01


class Probe:
    """`GET /health` runs nothing but the event loop: its latency is more than the loop's lag."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def watch(self, seconds: float) -> LoadResult:
        """Return the latencies of so many seconds."""
        async with self.watching() as result:
            await asyncio.sleep(seconds)
        return result

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[LoadResult]:
        """Add latencies to the result until the context ends."""
        result, start = LoadResult(), perf_counter()
        async with httpx.AsyncClient(base_url=self._url) as client:
            await client.get("/health")  # connects
            asking = asyncio.create_task(self._ask(client, result))
            try:
                yield result
            finally:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                result.seconds = perf_counter() - start

    async def _ask(self, client: httpx.AsyncClient, result: LoadResult) -> None:
        while True:
            began = perf_counter()
            response = await client.get("/health")
            result.latencies.append((perf_counter() - began) * 1_000)
            if response.status_code != httpx.codes.OK:
                result.errors[str(response.status_code)] += 1
            await asyncio.sleep(PAUSE_SECONDS)
