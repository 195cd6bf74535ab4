"""Erased accounts keep nothing from others, and nothing of theirs is counted any more."""

from datetime import timedelta

from core.clock import now
from models.bookings.bookings import BookingState
from models.redemptions import VoucherState
from models.vendors import MemberRole
from tests.client import Client
from tests.factories.chat import Chat
from tests.factories.redemptions import Till
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.jobs.privacy.test_erase_account import due


async def test_vouchers_and_bookings_are_free_for_others(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """A copy of the QR code is worth nothing, and no time is kept for an account that is gone."""
    till = await Till.open(world, capacity=3, claimed=2)
    user, voucher = till.customer, await till.voucher()
    used = await till.voucher(claim_number=2)
    await till.redeem(api, token=used.token)
    service = await world.service(till.vendor)
    coming = await world.booking(user, service)
    begun = await world.booking(user, service, starts_at=now() - timedelta(minutes=1))
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    assert (await world.fresh(user)).is_erased
    copied = await till.redeem(api, token=voucher.token)
    assert copied["redemption"]["reason"] == "CANCELLED"
    assert (await world.fresh(used)).state is VoucherState.REDEEMED
    assert (await world.fresh(till.offer)).claimed == 1
    states = [(await world.fresh(one)).state for one in (coming, begun)]
    assert states == [BookingState.CANCELLED, BookingState.CONFIRMED]
    await check_invariants(world.database)


async def test_unread_messages_are_not_counted_any_more(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """A badge counts no messages that have no content: bluesky-social/social-app#6023."""
    chat = await Chat.open(world, api)
    colleague = await world.user()
    await world.member(chat.vendor, colleague, MemberRole.STAFF)
    await chat.send(chat.customer)
    await chat.read(chat.member, 1)
    for _ in range(2):
        await chat.send(chat.customer)
    members = [api.signed_in(one) for one in (chat.member, colleague)]
    query = (
        "query ($id: ID!) { conversation(id: $id) { unreadMessages } viewer { unreadMessages } }"
    )
    counted = [await one.ask(query, id=chat.id) for one in members]
    assert [one["viewer"]["unreadMessages"] for one in counted] == [2, 3]
    await due(world, chat.customer)
    await defer("erase_account", user_id=chat.customer.id)
    await work()
    counted = [await one.ask(query, id=chat.id) for one in members]
    assert [one["viewer"]["unreadMessages"] for one in counted] == [0, 0]
    assert [one["conversation"]["unreadMessages"] for one in counted] == [0, 0]
    await chat.send(chat.member)  # nothing more of the counters fails
