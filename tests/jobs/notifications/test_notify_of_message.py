"""Participants with unread messages are notified, once for all unread messages."""

import asyncio
from datetime import UTC
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any, cast

import pytest
from procrastinate import JobContext
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from core.clock import now
from core.settings import Settings
from jobs import notifications as tasks
from jobs.context import WorkerContext
from models.identity.accounts import User
from models.notifications.deliveries import SkipReason
from models.notifications.inbox import NotificationInbox
from models.quotas import QUOTAS, DailyAct, DailyUse
from models.vendors import MemberRole
from services.chat import message_notifications
from services.notifications import inbox
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Work
from tests.jobs.notifications.deliveries import deliveries, hurry, notifications
from tests.races.meeting import Meeting

NOTIFICATIONS = """{ viewer { notifications { unreadCount nodes {
  kind count readAt subject { __typename id ... on Conversation { lastSequence } }
} } } }"""


@pytest.fixture
async def chat(world: World, api: Client) -> Chat:
    return await Chat.open(world, api)


async def notified(world: World, user: User) -> list[tuple[int, int]]:
    """Return the last message and the number of messages of each notification of a user."""
    return [
        (one.up_to_sequence, one.count)
        for one in await notifications(world)
        if one.user_id == user.id
    ]


async def answer(api: Client, user: User) -> Any:
    return (await api.signed_in(user).ask(NOTIFICATIONS))["viewer"]["notifications"]


def subjects(settings: Settings) -> list[str]:
    """Of all mail in the outbox, emptied by that."""
    found = []
    for path in settings.outbox.glob("*.eml"):
        found.append(str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]))
        path.unlink()
    return found


async def run(world: World, statement: str) -> None:
    async with world.database.session() as session, session.begin():
        await session.execute(text(statement))


async def end_quiet_hours(world: World, work: Work) -> None:
    """And send what has waited for that."""
    await run(world, "DELETE FROM quiet_hours")
    await hurry(world)
    await work()


async def test_consecutive_messages_send_one_notification(
    world: World, api: Client, chat: Chat, work: Work, settings: Settings
) -> None:
    subjects(settings)
    for number in range(3):
        await chat.send(chat.member, f"Message {number}")
    await work()
    assert await notified(world, chat.customer) == [(3, 3)]
    assert await notified(world, chat.member) == []
    assert subjects(settings) == ["3 new messages on Haat"]
    listed = await answer(api, chat.customer)
    assert listed["unreadCount"] == 1
    assert listed["nodes"] == [
        {
            "kind": "MESSAGE_RECEIVED",
            "count": 3,
            "readAt": None,
            "subject": {"__typename": "Conversation", "id": chat.id, "lastSequence": 3},
        }
    ]
    await check_invariants(world.database)


async def test_a_later_message_notifies_of_all_unread_ones(
    world: World, chat: Chat, work: Work, settings: Settings
) -> None:
    for _ in range(2):
        await chat.send(chat.member)
    await work()
    await chat.send(chat.member)
    await work()
    assert await notified(world, chat.customer) == [(2, 2), (3, 3)]
    await check_invariants(world.database)


async def test_a_read_message_sends_no_notification(world: World, chat: Chat, work: Work) -> None:
    await chat.send(chat.member)
    await chat.read(chat.customer, 1)
    await work()
    assert await notified(world, chat.customer) == []


async def test_messages_that_were_read_are_not_counted(
    world: World, chat: Chat, work: Work
) -> None:
    await chat.send(chat.customer)
    for _ in range(3):
        await chat.send(chat.member)
    await chat.read(chat.customer, 2)
    await work()
    assert await notified(world, chat.customer) == [(4, 2)]


async def test_an_answered_message_sends_no_notification(
    world: World, api: Client, chat: Chat, work: Work
) -> None:
    await chat.send(chat.customer)
    await chat.send(chat.member)
    await work()
    assert await notified(world, chat.member) == []
    await chat.send(chat.customer)
    assert (await answer(api, chat.customer))["unreadCount"] == 0


async def test_a_deleted_message_sends_no_notification(
    world: World, api: Client, chat: Chat, work: Work
) -> None:
    message = await chat.send(chat.member)
    await api.signed_in(chat.member).do("deleteMessage", {"messageId": message["id"]})
    await work()
    assert await notified(world, chat.customer) == []


async def test_reading_a_conversation_reads_its_notifications(
    world: World, api: Client, chat: Chat, work: Work
) -> None:
    await chat.send(chat.member)
    await work()
    await chat.send(chat.member)
    await work()
    await chat.read(chat.customer, 1)
    assert (await answer(api, chat.customer))["unreadCount"] == 1
    await chat.read(chat.customer, 2)
    listed = await answer(api, chat.customer)
    assert listed["unreadCount"] == 0
    assert all(node["readAt"] for node in listed["nodes"])
    topic = f"user:{chat.customer.id}"
    kinds = [kind for on, _, kind in await world.journal() if on == topic]
    assert kinds.count("notification.read") == 2
    await check_invariants(world.database)


async def test_a_blocked_conversation_sends_no_notification(
    world: World, chat: Chat, work: Work
) -> None:
    await chat.send(chat.member)
    await chat.block(chat.customer)
    await work()
    assert await notified(world, chat.customer) == []


async def test_a_conversation_blocked_meanwhile_sends_no_notification(
    world: World, chat: Chat, work: Work
) -> None:
    await world.quiet_now(chat.customer)
    await chat.send(chat.member)
    await work()
    await chat.block(chat.customer)
    await end_quiet_hours(world, work)
    assert [one.skip_reason for one in await deliveries(world)] == [SkipReason.NO_PART]


@pytest.mark.parametrize(("sent", "mails"), [(1, 0), (2, 1)])
async def test_a_message_deleted_meanwhile_is_not_mailed(
    world: World, api: Client, chat: Chat, work: Work, settings: Settings, sent: int, mails: int
) -> None:
    """Unless there is another one that stands."""
    subjects(settings)
    await world.quiet_now(chat.customer)
    messages = [await chat.send(chat.member) for _ in range(sent)]
    await work()
    taken_back = {"messageId": messages[-1]["id"]}
    assert await api.signed_in(chat.member).refusal_codes("deleteMessage", taken_back) == []
    await end_quiet_hours(world, work)
    assert len(subjects(settings)) == mails
    (delivery,) = await deliveries(world)
    assert delivery.skip_reason is (None if mails else SkipReason.READ)


class TestOfTheVendor:
    """The users who are notified of a customer's message."""

    @pytest.fixture
    async def colleague(self, world: World, chat: Chat) -> User:
        colleague = await world.user()
        await world.member(chat.vendor, colleague, MemberRole.MANAGER)
        await world.vendor(await world.user())
        return colleague

    async def test_all_members_are_notified_without_an_assignee(
        self, world: World, chat: Chat, colleague: User, work: Work, settings: Settings
    ) -> None:
        subjects(settings)
        await chat.send(chat.customer)
        await work()
        assert len(await notifications(world)) == 2
        assert await notified(world, chat.member) == await notified(world, colleague) == [(1, 1)]
        assert subjects(settings) == ["New message on Haat"] * 2

    async def test_no_member_is_notified_once_a_colleague_has_read_it(
        self, world: World, chat: Chat, colleague: User, work: Work
    ) -> None:
        await chat.send(chat.customer)
        await chat.read(colleague, 1)
        await work()
        assert await notifications(world) == []

    async def test_the_assignee_is_notified_although_a_colleague_read_it(
        self, world: World, api: Client, chat: Chat, colleague: User, work: Work
    ) -> None:
        await chat.send(chat.customer)
        taken = {"conversationId": chat.id, "memberId": await node_id(api, chat.member)}
        assert await api.signed_in(chat.member).refusal_codes("assignConversation", taken) == []
        await chat.read(colleague, 1)
        await work()
        assert await notified(world, chat.member) == [(1, 1)]
        assert len(await notifications(world)) == 1

    async def test_former_members_are_not_notified(
        self, world: World, chat: Chat, work: Work
    ) -> None:
        await world.quiet_now(chat.member)
        await chat.send(chat.customer)
        await work()
        await run(world, "DELETE FROM vendor_member")
        await end_quiet_hours(world, work)
        assert [one.skip_reason for one in await deliveries(world)] == [SkipReason.NO_PART]

    async def test_a_customer_who_became_a_member_is_notified_of_answers_only(
        self, world: World, chat: Chat, colleague: User, work: Work
    ) -> None:
        await world.member(chat.vendor, chat.customer, MemberRole.STAFF)
        await chat.send(chat.customer)
        await work()
        assert await notified(world, chat.customer) == []
        await chat.send(colleague)
        await work()
        assert await notified(world, chat.customer) == [(2, 1)]


async def node_id(api: Client, user: User) -> str:
    viewer: dict[str, str] = (await api.signed_in(user).ask("{ viewer { id } }"))["viewer"]
    return viewer["id"]


async def test_a_pending_mail_is_superseded_by_a_later_one(
    world: World, chat: Chat, work: Work, settings: Settings
) -> None:
    """As after a night of quiet hours: one mail of all that was written."""
    subjects(settings)
    await world.quiet_now(chat.customer)
    for _ in range(3):
        await chat.send(chat.member)
        await work()
    assert subjects(settings) == []
    await end_quiet_hours(world, work)
    assert subjects(settings) == ["3 new messages on Haat"]
    skipped = [one.skip_reason for one in await deliveries(world)]
    assert skipped == [SkipReason.SUPERSEDED, SkipReason.SUPERSEDED, None]


class TestAtOnce:
    """The jobs of consecutive messages run concurrently."""

    @pytest.fixture
    def context(self, worker_context: WorkerContext) -> JobContext:
        context: Any = SimpleNamespace(additional_context={"worker": worker_context})
        return cast("JobContext", context)

    async def all_jobs(self, chat: Chat, context: JobContext) -> None:
        for _ in range(6):
            await chat.send(chat.member)
        ids = [str(one.id) for one in await chat.messages()]
        await asyncio.gather(*(tasks.notify_of_message(context, id) for id in ids))

    async def test_one_notification_is_made(
        self, world: World, chat: Chat, context: JobContext
    ) -> None:
        await self.all_jobs(chat, context)
        assert await notified(world, chat.customer) == [(6, 6)]

    async def test_more_would_be_tried_without_the_lock_of_the_inbox(
        self, world: World, chat: Chat, context: JobContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def unlocked(session: AsyncSession, user_id: Any) -> NotificationInbox | None:
            return await session.get(NotificationInbox, user_id)

        monkeypatch.setattr(message_notifications, "lock_inbox", unlocked)
        looked = Meeting().before(inbox.notify)
        monkeypatch.setattr(message_notifications, "notify", looked)
        with pytest.raises(
            Exception, match="notification_user_id_kind_subject_id_up_to_sequence_key"
        ):
            await self.all_jobs(chat, context)


async def test_mails_are_limited_by_the_senders_daily_quota(
    chat: Chat, world: World, settings: Settings, work: Work
) -> None:
    """Beyond it, recipients still see the message in the app."""
    quota = QUOTAS[DailyAct.MAIL].per_day
    today = now().astimezone(UTC).date()
    used = DailyUse(user_id=chat.customer.id, act=DailyAct.MAIL, day=today, used=quota - 1)
    await world.save(used)
    subjects(settings)
    for member in [await world.user() for _ in range(3)]:
        await world.member(chat.vendor, member, MemberRole.STAFF)
    await chat.send(chat.customer)
    await work()
    assert len(subjects(settings)) == 1
    assert len(await notifications(world)) == 4
    await chat.send(chat.member)
    await work()
    assert len(subjects(settings)) == 1, "another sender"
