"""As many SQL statements for twenty notifications or dead letters as for one."""

import pytest

from core.clock import now
from models.chat.conversations import Conversation
from models.notifications.deliveries import Delivery, DeliveryState
from models.notifications.inbox import Channel, NotificationKind
from tests.client import Client
from tests.factories.world import World
from tests.resolvers.counting import load_one_by_one, statements

NOTIFICATIONS = """query ($n: Int!) { viewer { notifications(first: $n) { unreadCount nodes {
  kind readAt subject {
    ... on Voucher { state offer { title } vendor { name } }
    ... on Conversation { unreadMessages }
  }
} } } }"""
DEAD = """query ($n: Int!) { deadLetters(first: $n) { nodes {
  error notification { kind subject { ... on Voucher { offer { title } } } }
} } }"""


@pytest.fixture(scope="module")
async def client(module_world: World, api: Client) -> Client:
    """Create an admin with notifications of twenty vouchers and conversations, none by mail."""
    world = module_world
    admin = await world.admin()
    for number in range(20):
        vendor = await world.vendor()
        voucher = await world.voucher(await world.offer(vendor), admin)
        subject_id, kind = voucher.id, NotificationKind.VOUCHER_REDEEMED
        if number % 2:
            conversation = Conversation(user_id=admin.id, vendor_id=vendor.id)
            await world.save(conversation)
            subject_id, kind = conversation.id, NotificationKind.MESSAGE_RECEIVED
        notification = await world.notification(admin, subject_id=subject_id, kind=kind)
        await world.save(
            Delivery(
                notification_id=notification.id,
                channel=Channel.MAIL,
                state=DeliveryState.FAILED,
                completed_at=now(),
            )
        )
    client = api.signed_in(admin)
    await client.ask("{ __typename }")  # reads the role of an admin, which is remembered
    return client


@pytest.mark.parametrize("query", [NOTIFICATIONS, DEAD])
async def test_statements_do_not_grow_with_the_page(client: Client, query: str) -> None:
    two, twenty = [await statements(client, query, n=n) for n in (2, 20)]
    assert two
    assert len(twenty) == len(two), "\n\n".join(twenty)


@pytest.mark.parametrize("query", [NOTIFICATIONS, DEAD])
async def test_statements_would_grow_without_batches(
    client: Client, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_one_by_one(monkeypatch)
    two, twenty = [await statements(client, query, n=n) for n in (2, 20)]
    assert len(twenty) > 2 * len(two)
