"""A stored row that no longer validates is our bug, not the caller's input."""

import pytest
import structlog
from structlog.testing import LogCapture

from models.chat.hours import ChatHours
from tests.client import Client
from tests.factories.chat import Chat, hours_input, span
from tests.factories.world import World

OVERLAPPING = [span(1, "09:00", "12:00"), span(1, "11:00", "13:00")]
SEND = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { errors { code } } }"


async def test_an_invalid_stored_row_is_internal_and_logged(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sending parses the vendor's stored hours for its automatic reply."""
    chat = await Chat.open(world, api)
    stored = ChatHours(vendor_id=chat.vendor.id, spans=OVERLAPPING, auto_reply="Back soon.")
    await world.save(stored)
    client = api.signed_in(chat.customer)
    logged = LogCapture()
    monkeypatch.setattr(
        "engine.errors.conversion.log", structlog.wrap_logger(None, processors=[logged])
    )
    assert await client.failed(SEND, input=chat.draft()) == ["INTERNAL"]
    assert [entry["event"] for entry in logged.entries] == ["graphql.internal_error"]
    assert await chat.messages() == []


async def test_the_same_values_as_input_are_the_callers(world: World, api: Client) -> None:
    owner = await world.user()
    vendor = await world.vendor(owner)
    given = hours_input(vendor, *OVERLAPPING)
    assert await api.signed_in(owner).refusal_codes("saveChatHours", given) == ["INVALID_INPUT"]
