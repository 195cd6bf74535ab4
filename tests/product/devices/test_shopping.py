"""The cart, a claim and a hold of a user who has them open on three devices."""

import asyncio
from typing import Any

from models.events.selling.holds import HoldState, TicketHold
from services.journal.topics import user_topic
from tests.client import gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.product.devices.devices import DevicesOfUser, received
from tests.resolvers.bookings.inputs import keyed
from tests.resolvers.carts.asking import adding, new_variant, setting
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder
from tests.subscriptions.conftest import Shop

CART = "{ cart { version unitCount vendorGroups { lines { quantity } } } cartChangesAfter }"
CART_CHANGES = """subscription ($after: String) { cartChanges(after: $after) {
  cart { version unitCount } } }"""
CLAIMED = """subscription ($after: String) { inboxChanges(after: $after) {
  ... on VoucherUpdated { voucher { id state } } } }"""
HOLD_CHANGES = """subscription ($after: String) { ticketChanges(after: $after) {
  ticketHold { id state revision } } }"""


async def test_a_cart_is_the_same_on_all_devices(shop: Shop, world: World) -> None:
    """Quantities that two devices set at once are not mixed, and additions are all counted."""
    devices = await DevicesOfUser.of(shop, world)
    variant = await new_variant(world)
    assert await devices.tab.refusal_codes("addToCart", adding(variant)) == []
    before = await devices.ask(CART)
    followers = await devices.follow(CART_CHANGES, before["cartChangesAfter"])
    await asyncio.gather(*(one.do("addToCart", adding(variant, 2)) for one in devices.all))
    changes = await received(followers, 3)
    assert changes[-1]["cart"] == {"version": before["cart"]["version"] + 3, "unitCount": 7}
    sets = [
        one.do("setCartLine", setting(variant, quantity), "cart { version }")
        for one, quantity in zip(devices.all, (1, 4, 9), strict=True)
    ]
    versions = [one["cart"]["version"] for one in await asyncio.gather(*sets)]
    assert sorted(versions) == [before["cart"]["version"] + n for n in (4, 5, 6)]
    last = (1, 4, 9)[versions.index(max(versions))]
    after = await devices.ask(CART)
    assert after["cart"]["unitCount"] == last
    assert (await received(followers, 6))[-1]["cart"]["unitCount"] == last


async def test_an_offer_is_claimed_once(shop: Shop, world: World) -> None:
    """Two tabs with two keys: one is refused. With one key, both have the same voucher."""
    devices = await DevicesOfUser.of(shop, world)
    offers = [await world.offer(await world.vendor(), per_user_limit=1) for _ in range(2)]
    followers = await devices.follow(CLAIMED, await shop.cursor(user_topic(devices.user.id)))
    for offer, keys in zip(offers, ([keyed(), keyed()], [keyed()] * 2), strict=True):
        both = (devices.tab, devices.phone)
        claims = [
            one.do("claimOffer", {"offerId": gid(offer), **key}, "voucher { id }")
            for one, key in zip(both, keys, strict=True)
        ]
        done = await asyncio.gather(*claims)
        codes = [error["code"] for one in done for error in one["errors"]]
        assert codes == (["CLAIM_LIMIT_REACHED"] if keys[0] != keys[1] else [])
        assert len({one["voucher"]["id"] for one in done if one["voucher"]}) == 1
    seen = [one["voucher"]["id"] for one in await received(followers, 2)]
    async with world.database.session() as session:
        kept = [await session.get_one(type(one), one.id) for one in offers]
    assert [one.claimed for one in kept] == [1, 1]
    mine = await devices.ask("{ viewer { vouchers { nodes { id } } } }")
    assert {one["id"] for one in mine["viewer"]["vouchers"]["nodes"]} == set(seen)
    await check_invariants(world.database)


async def test_a_hold_is_changed_or_ordered(shop: Shop, world: World) -> None:
    """The order of the old content is refused, or the change is: never both, never neither."""
    office = await BoxOffice.open(world)
    devices = await DevicesOfUser.of(shop, world, office.user)
    hold = await office.hold(office.user)
    after = (await devices.ask("{ tickets { changesAfter } }"))["tickets"]["changesAfter"]
    followers = await devices.follow(HOLD_CHANGES, after)
    order = TicketOrder(world, office.user, office, devices.tab, hold)
    placing = order.input(await order.check_out())
    lines = [{"ticketTypeId": gid(office.kind), "quantity": 3}]
    change: dict[str, Any] = keyed() | {"holdId": gid(hold), "lines": lines}
    changed, placed = await asyncio.gather(
        devices.phone.refusal_codes("changeHold", change),
        devices.other_tab.refusal_codes("placeOrder", placing),
    )
    kept: TicketHold = await world.fresh(hold)
    if changed:
        assert (changed, placed, kept.state) == (["HOLD_EXPIRED"], [], HoldState.CHECKOUT)
    else:
        # The change came before the order was priced, or between that and its lock of the hold.
        assert placed in (["CART_CHANGED"], ["HOLD_EXPIRED"])
        assert kept.state is HoldState.OPEN
    (seen, *_) = await received(followers, 1)
    assert seen["ticketHold"]["state"] == kept.state
    assert await office.taken() == (1 if changed else 3)
    await check_invariants(world.database)


async def test_a_hold_that_was_changed_is_not_ordered_as_it_was(shop: Shop, world: World) -> None:
    office = await BoxOffice.open(world)
    devices = await DevicesOfUser.of(shop, world, office.user)
    hold = await office.hold(office.user)
    order = TicketOrder(world, office.user, office, devices.tab, hold)
    placing = order.input(await order.check_out())
    lines = [{"ticketTypeId": gid(office.kind), "quantity": 3}]
    change: dict[str, Any] = keyed() | {"holdId": gid(hold), "lines": lines}
    assert await devices.phone.refusal_codes("changeHold", change) == []
    assert await devices.tab.refusal_codes("placeOrder", placing) == ["CART_CHANGED"]
    again = order.input(await order.check_out())
    assert await devices.tab.refusal_codes("placeOrder", again) == []
    late = change | keyed()
    assert await devices.phone.refusal_codes("changeHold", late) == ["HOLD_EXPIRED"]
    assert await office.taken() == 3
    await check_invariants(world.database)
