"""The message about a match of a saved search reaches the open app."""

from core.clock import now
from services.journal.topics import user_topic
from tests.client import gid
from tests.factories.searches import match, saved
from tests.subscriptions.delivery.test_sharing import LiveShop, live_shop, server

__all__ = ["live_shop", "server"]
INBOX = """subscription ($after: String) { inboxChanges(after: $after) {
  __typename ... on Change { cursor }
  ... on NotificationsChanged { unreadCount notification { kind subject { __typename id } } }
} }"""


async def test_a_match_is_a_live_notification_of_its_user_alone(live_shop: LiveShop) -> None:
    world, transactions = live_shop.world, live_shop.server.app.transactions
    user, other = await world.user(), await world.user()
    await saved(transactions, user)
    await saved(transactions, other, search="coffee")
    devices = [
        await live_shop.subscribe(one, INBOX, after=await live_shop.shop.cursor(user_topic(one.id)))
        for one in (user, user, other)
    ]
    await live_shop.live(3)
    vendor = await world.vendor()
    offers = [
        await world.offer(vendor, title={"en": title}, published_at=now())
        for title in ("Masala tea", "Filter coffee")
    ]
    for offer in offers:
        await match(transactions, offer.id)
    for device, expected in zip(devices, (offers[0], offers[0], offers[1]), strict=True):
        change = await device.change()
        assert (change["__typename"], change["unreadCount"]) == ("NotificationsChanged", 1)
        assert change["notification"] == {
            "kind": "SAVED_SEARCH_MATCHED",
            "subject": {"__typename": "Offer", "id": gid(expected)},
        }
