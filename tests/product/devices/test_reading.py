"""Reads, moves and cancellations on one device, as the others see them."""

import asyncio

from services.journal.topics import user_topic
from tests.client import gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.product.devices.devices import DevicesOfUser, received
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import cancel_input, move_input
from tests.subscriptions.conftest import Shop

READ = """{ viewer { unreadMessages conversations { nodes { id unreadMessages readByUser } }
  notifications { unreadCount nodes { readAt } } } }"""
CHANGES = """subscription ($after: String) { inboxChanges(after: $after) {
  ... on ReadReceiptUpdated { reader { id } readSequence conversation { unreadMessages } }
  ... on NotificationsChanged { unreadCount } } }"""
BOOKINGS = """subscription ($after: String) { bookingStatus(after: $after) {
  booking { bookingState revision startsAt } } }"""


async def test_messages_read_on_one_device_are_read_on_all(shop: Shop, world: World) -> None:
    """A device that is behind moves nothing back."""
    chat = await Chat.open(world, shop.api)
    devices = await DevicesOfUser.of(shop, world, chat.customer)
    for _ in range(3):
        await chat.send(chat.member)
    assert (await devices.ask(READ))["viewer"]["unreadMessages"] == 3
    followers = await devices.follow(CHANGES, await shop.cursor(user_topic(devices.user.id)))
    up_to = [
        one.do("markRead", {"conversationId": chat.id, "sequence": sequence})
        for one, sequence in zip(devices.all, (1, 3, 2), strict=True)
    ]
    assert [one["errors"] for one in await asyncio.gather(*up_to)] == [[], [], []]
    viewer = (await devices.ask(READ))["viewer"]
    (conversation,) = viewer["conversations"]["nodes"]
    assert (viewer["unreadMessages"], conversation["unreadMessages"]) == (0, 0)
    assert conversation["readByUser"] == 3
    for one in followers:
        await one.until(lambda self: any(seen["readSequence"] == 3 for seen in self.changes))
    (*_, last) = await received(followers, 1)
    assert last["reader"] == {"id": gid(devices.user)}
    assert last["conversation"] == {"unreadMessages": 0}
    await check_invariants(world.database)


async def test_notifications_read_on_one_device_are_read_on_all(shop: Shop, world: World) -> None:
    devices = await DevicesOfUser.of(shop, world)
    notifications = [await world.notification(devices.user) for _ in range(3)]
    assert (await devices.ask(READ))["viewer"]["notifications"]["unreadCount"] == 3
    followers = await devices.follow(CHANGES, await shop.cursor(user_topic(devices.user.id)))
    newest = {"upTo": gid(notifications[-1])}
    done = await asyncio.gather(
        *(one.do("markNotificationsRead", newest, "unreadCount") for one in devices.all)
    )
    assert [one["unreadCount"] for one in done] == [0, 0, 0]
    (change, *_) = await received(followers, 1)
    assert change["unreadCount"] == 0
    shown = (await devices.ask(READ))["viewer"]["notifications"]
    assert shown["unreadCount"] == 0
    assert all(one["readAt"] for one in shown["nodes"])
    await check_invariants(world.database)


async def test_a_booking_that_was_moved_elsewhere(shop: Shop, world: World) -> None:
    """A second move of the former revision is refused. A cancellation is of the booking."""
    clinic = await Clinic.open(world)
    devices = await DevicesOfUser.of(shop, world, clinic.customer)
    booking = await clinic.booking()
    after = (await devices.ask("{ bookings { changesAfter } }"))["bookings"]["changesAfter"]
    followers = await devices.follow(BOOKINGS, after)
    moves = [
        one.refusal_codes("rescheduleBooking", move_input(booking, clinic.at(hour)))
        for one, hour in zip(devices.all, (11, 12, 14), strict=True)
    ]
    refused = sorted(await asyncio.gather(*moves))
    assert refused == [[], ["BOOKING_CHANGED"], ["BOOKING_CHANGED"]]
    (moved,) = await received(followers, 1)
    assert moved["booking"]["revision"] == 1
    assert len(await clinic.claims(clinic.asha)) == 1, "the former time is free"
    cancelled = await asyncio.gather(
        *(one.refusal_codes("cancelBooking", cancel_input(booking)) for one in devices.all)
    )
    assert [] in cancelled
    shown = await received(followers, 2)
    assert shown[-1]["booking"]["bookingState"] == "CANCELLED"
    late = move_input(await world.fresh(booking), clinic.at(15))
    assert await devices.phone.refusal_codes("rescheduleBooking", late) == ["BOOKING_STATE"]
    assert await clinic.claims(clinic.asha) == []
    await check_invariants(world.database)
