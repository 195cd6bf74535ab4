"""Waiting for a place of a semaphore."""

import asyncio


async def acquire_within(places: asyncio.Semaphore, seconds: float) -> None:
    """Take a place, with a timer only if there is none free. Raises `TimeoutError`."""
    if not places.locked():
        await places.acquire()
        return
    async with asyncio.timeout(seconds):
        await places.acquire()
