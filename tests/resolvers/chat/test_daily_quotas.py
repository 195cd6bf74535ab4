"""Daily quotas: conversations, messages without an answer, and reports."""

from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import select

from core.clock import now
from core.ids import new_id
from models.chat.messages import MessageKind
from models.identity.accounts import User
from models.quotas import QUOTAS, DailyAct, DailyUse
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.resolvers.chat.test_auto_reply import closed

FIELDS = "... on DailyLimitReached { resetAt }"
START = (
    "mutation ($input: StartConversationInput!) { startConversation(input: $input)"
    f" {{ conversation {{ id }} errors {{ code message {FIELDS} }} }} }}"
)


async def used(world: World, user: User) -> dict[DailyAct, int]:
    async with world.database.session() as session:
        rows = await session.exec(select(DailyUse).where(DailyUse.user_id == user.id))
        return {row.act: row.used for row in rows}


async def use_up(world: World, user: User, act: DailyAct, left: int = 0, **days: int) -> None:
    """Let a user have done all but `left` of what they can do today."""
    quota = QUOTAS[act].per_day
    today = now().astimezone(UTC).date()
    await world.save(
        DailyUse(user_id=user.id, act=act, day=today - timedelta(**days), used=quota - left)
    )


async def test_start_conversation_up_to_the_daily_quota(world: World, api: Client) -> None:
    user = await world.user()
    client = api.signed_in(user)
    await use_up(world, user, DailyAct.START_CONVERSATION, left=1)
    first, second = {"vendorId": gid(await world.vendor())}, {"vendorId": gid(await world.vendor())}
    assert await client.refusal_codes("startConversation", first) == []
    payload = (await client.ask(START, input=second))["startConversation"]
    (error,) = payload["errors"]
    assert error["code"] == "DAILY_LIMIT_REACHED"
    assert "at most 50 times a day" in error["message"]
    tomorrow = now().astimezone(UTC).date() + timedelta(days=1)
    assert error["resetAt"] == f"{tomorrow.isoformat()}T00:00:00Z"
    assert payload["conversation"] is None
    assert await client.refusal_codes("startConversation", first) == [], "it exists already"
    assert await used(world, user) == {DailyAct.START_CONVERSATION: 50}


async def test_a_quota_is_the_users_own(world: World, api: Client) -> None:
    user, other = await world.user(), await world.user()
    await use_up(world, user, DailyAct.START_CONVERSATION)
    input = {"vendorId": gid(await world.vendor())}
    assert await api.mutation_failed("startConversation", input) == ["UNAUTHENTICATED"]
    assert await api.signed_in(other).refusal_codes("startConversation", input) == []
    refused = await api.signed_in(user).refusal_codes("startConversation", input)
    assert refused == ["DAILY_LIMIT_REACHED"]


async def test_accounts_can_do_less_in_their_first_24_hours(world: World, api: Client) -> None:
    input = {"vendorId": gid(await world.vendor())}
    for hours, codes in ((25, []), (23, ["DAILY_LIMIT_REACHED"])):
        user = await world.user(created_at=now() - timedelta(hours=hours))
        few = QUOTAS[DailyAct.START_CONVERSATION].per_day - 10
        await use_up(world, user, DailyAct.START_CONVERSATION, left=few)
        assert await api.signed_in(user).refusal_codes("startConversation", input) == codes


async def test_each_day_counts_from_the_start(world: World, api: Client) -> None:
    user = await world.user()
    await use_up(world, user, DailyAct.START_CONVERSATION, days=1)
    input = {"vendorId": gid(await world.vendor())}
    assert await api.signed_in(user).refusal_codes("startConversation", input) == []


async def test_a_refused_start_does_not_count(world: World, api: Client) -> None:
    user = await world.user()
    missing = {"vendorId": gid(await world.vendor()), "subjectId": gid(await world.user())}
    answer = await api.signed_in(user).send(START, input=missing)
    assert "errors" in answer or answer["data"]["startConversation"]["errors"]
    assert await used(world, user) == {}


async def test_members_have_a_quota_of_their_own(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    input = {"vendorId": gid(till.vendor), "subjectId": gid(await till.voucher())}
    staff = await till.staff()
    assert await api.signed_in(staff).refusal_codes("startConversation", input) == []
    assert await used(world, staff) == {DailyAct.START_AS_VENDOR: 1}
    assert await used(world, till.customer) == {}


async def sends(chat: Chat, user: User, **changes: Any) -> list[str]:
    return await chat.api.signed_in(user).refusal_codes("sendMessage", chat.draft(**changes))


async def test_messages_without_an_answer_count(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await use_up(world, chat.customer, DailyAct.UNANSWERED_MESSAGE, left=1)
    retried = str(new_id())
    assert await sends(chat, chat.customer, clientMessageId=retried) == []
    assert await sends(chat, chat.customer) == ["DAILY_LIMIT_REACHED"]
    assert await sends(chat, chat.customer, clientMessageId=retried) == [], "a retry"
    await chat.send(chat.member)
    assert await sends(chat, chat.customer) == [], "the vendor has answered"
    assert await used(world, chat.member) == {}, "the customer wrote first"


async def test_an_answer_counts_for_all_conversations_of_the_two(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    await chat.send(chat.customer)
    await chat.send(chat.member)
    offer = await world.offer(chat.vendor)
    other = await Chat.between(
        world, api, chat.customer, chat.vendor, chat.member, subjectId=gid(offer)
    )
    await use_up_again(world, chat.customer)
    assert await sends(other, chat.customer) == []
    stranger = await Chat.open(world, api)
    third = await Chat.between(world, api, chat.customer, stranger.vendor, stranger.member)
    assert await sends(third, chat.customer) == ["DAILY_LIMIT_REACHED"]


async def use_up_again(world: World, user: User) -> None:
    async with world.database.session() as session, session.begin():
        await session.execute(
            text("UPDATE daily_use SET used = 100 WHERE user_id = :user AND act = :act"),
            {"user": user.id, "act": DailyAct.UNANSWERED_MESSAGE},
        )


async def test_an_automatic_reply_is_no_answer(world: World, api: Client) -> None:
    chat = await closed(world, api)
    await chat.send(chat.customer)
    assert [one.kind for one in await chat.messages()][1:] == [MessageKind.AUTO_REPLY]
    await use_up_again(world, chat.customer)
    assert await sends(chat, chat.customer) == ["DAILY_LIMIT_REACHED"]


async def test_members_count_what_they_write_first(world: World, api: Client) -> None:
    till = await Till.open(world, claimed=1)
    about = {"subjectId": gid(await till.voucher())}
    staff = await till.staff()
    client = api.signed_in(staff)
    started = await client.do(
        "startConversation", {"vendorId": gid(till.vendor)} | about, "conversation { id }"
    )
    chat = Chat(world, api, till.customer, till.vendor, staff, started["conversation"]["id"])
    await chat.send(staff)
    assert (await used(world, staff))[DailyAct.UNANSWERED_AS_VENDOR] == 1
    await chat.send(till.customer)
    assert await used(world, till.customer) == {}, "the vendor wrote first"
    await chat.send(staff)
    assert (await used(world, staff))[DailyAct.UNANSWERED_AS_VENDOR] == 1


async def test_report_message_up_to_the_daily_quota(world: World, api: Client) -> None:
    chat = await Chat.open(world, api)
    reported = [await chat.send(chat.customer) for _ in range(2)]
    await use_up(world, chat.member, DailyAct.REPORT, left=1)
    client = api.signed_in(chat.member)
    first, second = [{"messageId": one["id"], "reason": "SPAM"} for one in reported]
    assert await client.refusal_codes("reportMessage", first) == []
    assert await client.refusal_codes("reportMessage", first) == ["ALREADY_REPORTED"]
    assert await client.refusal_codes("reportMessage", second) == ["DAILY_LIMIT_REACHED"]
