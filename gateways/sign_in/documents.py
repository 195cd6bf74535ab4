"""Documents that a provider publishes, such as its keys."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from gateways.sign_in.base import ProviderFailed

KEEP_SECONDS, REPLACE_SECONDS = 3600.0, 30.0


class RemoteDocument:
    """A document of a provider, fetched once for all who wait, and kept for an hour.

    If it cannot be fetched again, the former one stays in use.
    """

    def __init__(self, fetch: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self._fetch = fetch
        self._kept: dict[str, Any] | None = None
        self._fetched_at = self._replaced_at = float("-inf")
        self._fetching: asyncio.Task[dict[str, Any]] | None = None

    async def get(self) -> dict[str, Any]:
        is_old = _clock() - self._fetched_at > KEEP_SECONDS
        if self._kept is not None and not is_old:
            return self._kept
        try:
            return await self._fetch_once()
        except ProviderFailed:
            if self._kept is None:
                raise
            return self._kept

    async def replace(self) -> dict[str, Any]:
        """Return a newer document, for which the provider is asked once in 30 seconds."""
        if self._fetching is None and _clock() - self._replaced_at < REPLACE_SECONDS:
            return await self.get()
        self._replaced_at = _clock()
        return await self._fetch_once()

    async def _fetch_once(self) -> dict[str, Any]:
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._fetch_and_keep())
            self._fetching.add_done_callback(self._forget)
        return await asyncio.shield(self._fetching)

    async def _fetch_and_keep(self) -> dict[str, Any]:
        self._kept = await self._fetch()
        self._fetched_at = _clock()
        return self._kept

    def _forget(self, task: asyncio.Task[dict[str, Any]]) -> None:
        self._fetching = None
        if not task.cancelled():
            task.exception()  # seen, also if all who waited have gone


def _clock() -> float:
    return asyncio.get_running_loop().time()
