"""When a vendor answers in the chat, as its managers set it."""

from typing import Any

import pytest
from sqlmodel import select

from core.database import Database
from models.chat.hours import ChatHours, WeeklyHours
from models.vendors import MemberRole
from tests.client import Client, gid, unknown
from tests.factories.chat import canned_replies, hours_input, span
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants

HOURS = "vendor { chatHours { spans { weekday opens closes } autoReply } }"
WEEK = [span(day, "09:00", "13:00") for day in range(1, 6)]


async def kept(world: World) -> list[WeeklyHours]:
    """Return the stored hours of all vendors."""
    async with world.database.session() as session:
        return [row.hours for row in await session.exec(select(ChatHours))]


async def test_save_chat_hours(world: World, api: Client) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    late = span(5, "22:00", "00:00")
    given = hours_input(vendor, late, *reversed(WEEK), autoReply=" Back at nine. ")
    payload = await client.do("saveChatHours", given, HOURS)
    assert payload["errors"] == []
    expected = {"spans": [*WEEK, late], "autoReply": "Back at nine."}
    assert payload["vendor"]["chatHours"] == expected


async def test_save_chat_hours_again(world: World, api: Client, database: Database) -> None:
    vendor = await world.vendor()
    await canned_replies(world, vendor, "Thanks")
    client = api.signed_in(await new_member(world, vendor, MemberRole.OWNER))
    await client.do("saveChatHours", hours_input(vendor, *WEEK, autoReply="Back at nine."))
    payload = await client.do("saveChatHours", hours_input(vendor), HOURS)
    assert payload["vendor"]["chatHours"] == {"spans": [], "autoReply": ""}
    await check_invariants(database)


INVALID: list[tuple[dict[str, Any], list[str]]] = [
    ({"spans": [span(0, "09:00", "13:00")]}, ["spans", "0", "weekday"]),
    ({"spans": [*WEEK, span(8, "09:00", "13:00")]}, ["spans", "5", "weekday"]),
    ({"spans": [span(1, "09:00", "09:00")]}, ["spans", "0"]),
    ({"spans": [span(1, "22:00", "02:00")]}, ["spans", "0"]),
    ({"spans": [span(1, "09:00:30", "10:00")]}, ["spans", "0"]),
    ({"spans": [*WEEK, span(3, "12:59", "18:00")]}, ["spans"]),
    ({"spans": [*WEEK, span(3, "08:00", "00:00")]}, ["spans"]),
    ({"spans": [*WEEK, WEEK[0]]}, ["spans"]),
    ({"spans": [span(1, "22:00", "00:00"), span(1, "23:00", "00:00")]}, ["spans"]),
    ({"spans": [span(1, f"{n // 2:02}:{n % 2 * 30:02}", "00:00") for n in range(29)]}, ["spans"]),
    ({"autoReply": "x" * 1001}, ["autoReply"]),
]


@pytest.mark.parametrize(("changes", "field"), INVALID)
async def test_save_chat_hours_with_bad_input(
    world: World, api: Client, changes: dict[str, Any], field: list[str]
) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    payload = await client.do("saveChatHours", hours_input(vendor, **changes), HOURS)
    assert [(error["code"], error["field"]) for error in payload["errors"]] == [
        ("INVALID_INPUT", field)
    ]
    assert await kept(world) == []


@pytest.mark.parametrize("opens", ["9:00", "24:00", "09:00Z", "noon", "", 9, None])
async def test_save_chat_hours_with_an_invalid_time(world: World, api: Client, opens: Any) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    given = hours_input(vendor, span(1, opens, "13:00"))
    assert await client.mutation_failed("saveChatHours", given) == ["BAD_USER_INPUT"]


async def test_save_chat_hours_as_many_as_may_be(world: World, api: Client) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await new_member(world, vendor, MemberRole.MANAGER))
    spans = [
        span(day, f"{hour:02}:00", f"{(hour + 6) % 24:02}:00")
        for day in range(1, 8)
        for hour in range(0, 24, 6)
    ]
    payload = await client.do("saveChatHours", hours_input(vendor, *spans), HOURS)
    assert payload["vendor"]["chatHours"]["spans"] == spans


@pytest.mark.parametrize("kind", OUTSIDERS)
async def test_save_chat_hours_without_permission(world: World, api: Client, kind: str) -> None:
    vendor = await world.vendor()
    client = api.signed_in(await outsider(world, vendor, kind))
    for given in (hours_input(vendor, *WEEK), hours_input(vendor, vendorId=unknown("Vendor"))):
        assert await client.refusal_codes("saveChatHours", given) == ["NOT_FOUND"]
    assert await kept(world) == []


async def test_save_chat_hours_as_anonymous(world: World, api: Client) -> None:
    vendor = await world.vendor()
    for id in (gid(vendor), unknown("Vendor")):
        given = hours_input(vendor, vendorId=id)
        assert await api.mutation_failed("saveChatHours", given) == ["UNAUTHENTICATED"]
