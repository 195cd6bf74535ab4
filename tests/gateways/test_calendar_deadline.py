"""A calendar whose name is never found is given up."""

import asyncio

import pytest

from gateways import calendars
from gateways.public_network import PublicNetwork


async def test_name_of_a_calendar_that_is_never_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(calendars, "TIMEOUT_SECONDS", 0.05)
    fetcher = calendars.CalendarFetcher(PublicNetwork(resolve=resolve))
    async with asyncio.timeout(5):
        with pytest.raises(calendars.CalendarUnreadable):
            await fetcher.fetch("https://calendar.example/my.ics", None)
