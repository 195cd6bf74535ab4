"""A vendor's chat hours, readable by every viewer."""

from datetime import datetime
from typing import Any

import pytest

from models.chat.hours import ChatHours
from schema.chat import vendor_fields
from tests.client import Client, gid
from tests.factories.chat import span
from tests.factories.world import World

ASK = """query ($id: ID!) { vendor(id: $id) {
  answersNow chatHours { spans { weekday opens closes } autoReply }
} }"""
MONDAY = span(1, "09:00", "18:00")


async def ask(api: Client, world: World, time_zone: str, *spans: dict[str, Any]) -> dict[str, Any]:
    vendor = await world.vendor(time_zone=time_zone)
    await world.save(ChatHours(vendor_id=vendor.id, spans=list(spans), auto_reply="Back soon."))
    found: dict[str, Any] = (await api.ask(ASK, id=gid(vendor)))["vendor"]
    return found


async def test_chat_hours_for_any_viewer(world: World, api: Client) -> None:
    found = await ask(api, world, "Asia/Kolkata", MONDAY)
    assert found["chatHours"] == {"spans": [MONDAY], "autoReply": "Back soon."}


async def test_chat_hours_without_settings(world: World, api: Client) -> None:
    found = await api.ask(ASK, id=gid(await world.vendor()))
    none = {"spans": [], "autoReply": ""}
    assert found["vendor"] == {"answersNow": True, "chatHours": none}


@pytest.mark.parametrize(
    ("time_zone", "moment", "answers"),
    [
        ("Europe/Berlin", "2026-06-01T07:00:00Z", True),  # a Monday, 9:00
        ("Europe/Berlin", "2026-06-01T06:59:59Z", False),
        ("America/New_York", "2026-06-01T21:59:59Z", True),
        ("America/New_York", "2026-06-01T22:00:00Z", False),
        ("Asia/Kolkata", "2026-06-01T03:30:00Z", True),
        ("Asia/Kolkata", "2026-06-01T12:30:00Z", False),
    ],
)
async def test_answers_now_by_the_vendors_clock(
    world: World,
    api: Client,
    monkeypatch: pytest.MonkeyPatch,
    time_zone: str,
    moment: str,
    answers: bool,
) -> None:
    monkeypatch.setattr(vendor_fields, "now", lambda: datetime.fromisoformat(moment))
    assert (await ask(api, world, time_zone, MONDAY))["answersNow"] is answers
