"""Stores what a process has noted in memory, every few seconds and at its end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from core.outages import DATABASE_ERRORS

log = structlog.get_logger(__name__)


class PeriodicFlush:
    """Calls `flush` every `seconds` until it is stopped, and then once more.

    A flush that fails is logged as `event`, and must not end the later ones.
    """

    def __init__(self, flush: Callable[[], Awaitable[None]], *, seconds: float, event: str) -> None:
        self._flush = flush
        self._seconds = seconds
        self._event = event
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._stopping.clear()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Wait for a running flush, because a cancelled one would lose what it stores."""
        self._stopping.set()
        if self._task is not None:
            await self._task
        await self._try_to_flush()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._stopping.wait()
            await self._try_to_flush()

    async def _try_to_flush(self) -> None:
        try:
            await self._flush()
        except DATABASE_ERRORS as error:
            log.warning(self._event, error=str(error))
        except Exception:  # a bug
            log.exception(self._event)
