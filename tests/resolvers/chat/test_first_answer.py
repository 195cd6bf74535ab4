"""How soon a vendor answers, for its members."""

from datetime import timedelta

import pytest

from core.clock import now
from models.chat.conversations import Conversation
from models.vendors import MemberRole, Vendor
from services.chat import response_times
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.vendors import new_member
from tests.factories.world import World

ASK = "query ($id: ID!) { vendor(id: $id) { firstAnswer { medianSeconds answered waiting } } }"
ONE = "query ($id: ID!) { conversation(id: $id) { firstAnswerSeconds } }"


async def asked(world: World, vendor: Vendor, *answered_after: int | None, days: float = 0) -> None:
    """Conversations begun so many days ago, each answered after so many seconds, or not yet."""
    at = now() - timedelta(days=days, hours=1)
    for seconds in answered_after:
        answered = None if seconds is None else at + timedelta(seconds=seconds)
        user = await world.user()
        await world.save(
            Conversation(
                user_id=user.id, vendor_id=vendor.id, first_asked_at=at, first_answered_at=answered
            )
        )


async def answer(world: World, api: Client, vendor: Vendor) -> dict[str, int | None]:
    client = api.signed_in(await new_member(world, vendor, MemberRole.STAFF))
    found: dict[str, int | None] = (await client.ask(ASK, id=gid(vendor)))["vendor"]["firstAnswer"]
    return found


@pytest.mark.parametrize(
    ("after", "median"),
    [([60], 60), ([10, 20, 90], 20), ([10, 20], 15), ([], None), ([0], 0)],
)
async def test_first_answer_is_the_median(
    world: World, api: Client, after: list[int], median: int | None
) -> None:
    vendor = await world.vendor()
    await asked(world, vendor, *after, None, None)
    found = await answer(world, api, vendor)
    assert found == {"medianSeconds": median, "answered": len(after), "waiting": 2}


async def test_first_answer_of_a_vendor_without_questions(world: World, api: Client) -> None:
    vendor = await world.vendor()
    await world.save(Conversation(user_id=(await world.user()).id, vendor_id=vendor.id))
    await asked(world, await world.vendor(), 5, None)
    found = await answer(world, api, vendor)
    assert found == {"medianSeconds": None, "answered": 0, "waiting": 0}


async def test_first_answer_is_of_thirty_days(world: World, api: Client) -> None:
    vendor = await world.vendor()
    await asked(world, vendor, 10, days=29)
    await asked(world, vendor, 5000, None, days=30)
    found = await answer(world, api, vendor)
    assert found == {"medianSeconds": 10, "answered": 1, "waiting": 0}


async def test_first_answer_is_of_the_latest_if_there_are_many(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(response_times, "MAX_CONVERSATIONS", 3)
    vendor = await world.vendor()
    await asked(world, vendor, 1000, None, days=2)
    await asked(world, vendor, 10, None, 20)
    found = await answer(world, api, vendor)
    assert found == {"medianSeconds": 15, "answered": 2, "waiting": 1}


async def test_first_answer_is_by_a_member_after_a_question(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    client = api.signed_in(chat.member)
    await chat.send(chat.member, "Anybody there?")
    assert await client.ask(ONE, id=chat.id) == {"conversation": {"firstAnswerSeconds": None}}
    await chat.send(chat.customer)
    assert await answer(world, api, chat.vendor) == {
        "medianSeconds": None,
        "answered": 0,
        "waiting": 1,
    }
    await chat.send(chat.member)
    row = await chat.row()
    assert row.first_asked_at
    assert row.first_answered_at
    assert row.first_answered_at > row.first_asked_at
    await chat.send(chat.member)
    assert (await chat.row()).first_answered_at == row.first_answered_at
    found = await answer(world, api, chat.vendor)
    assert (found["answered"], found["waiting"]) == (1, 0)
    one = await client.ask(ONE, id=chat.id)
    assert one == {"conversation": {"firstAnswerSeconds": found["medianSeconds"]}}


async def test_first_answer_by_a_server_whose_clock_is_behind(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    asked = await chat.row()
    asked.first_asked_at = now() + timedelta(seconds=30)
    await world.save(asked)
    await chat.send(chat.member)
    row = await chat.row()
    assert row.first_answered_at == row.first_asked_at == asked.first_asked_at


async def test_first_answer_for_others(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    rival = await world.user()
    await world.vendor(rival)
    admin = await world.admin()
    assert (await api.signed_in(admin).ask(ASK, id=gid(chat.vendor)))["vendor"]["firstAnswer"]
    for user in (chat.customer, rival):
        assert await api.signed_in(user).failed(ASK, id=gid(chat.vendor)) == ["FORBIDDEN"]
    assert await api.failed(ASK, id=gid(chat.vendor)) == ["UNAUTHENTICATED"]
