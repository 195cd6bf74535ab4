"""Payouts and balances that the owners and managers of a vendor follow live."""

from typing import Any

from models.ledger.accounts import Account, AccountKind
from models.ledger.entries import Leg, Posting, PostingKind
from models.payouts.payouts import PayoutState
from models.vendors import MemberRole
from services.ledger.posting import post_entries
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.subscriptions.conftest import Shop

CHANGES = """subscription ($vendorId: ID!, $after: String) {
  payoutChanges(vendorId: $vendorId, after: $after) {
    cursor payout { payoutState money { amountMinor } }
    vendorBalance { payoutSchedule own { available { amountMinor } } } } }"""


async def follow(shop: Shop, user: Any) -> Any:
    variables = {"vendorId": gid(shop.vendor), "after": await shop.cursor(shop.topic)}
    return await shop._subscribe(tokens=[shop.token(user)], query=CHANGES, variables=variables)


async def test_managers_follow_the_payouts_of_their_vendor(shop: Shop, world: World) -> None:
    manager = await new_member(world, shop.vendor, MemberRole.MANAGER)
    await world.payout_account(shop.vendor, shop.owner)
    await world.earned(shop.vendor, 500_00)
    subscriber = await follow(shop, manager)
    await subscriber.connected()
    owner = shop.api.signed_in(shop.owner)
    given = {"vendorId": gid(shop.vendor)}
    requested = given | {"idempotencyKey": "one"}
    assert await owner.refusal_codes("requestPayout", requested) == []
    (change,) = await subscriber.received(1)
    assert change["payout"] == {"payoutState": "PLANNED", "money": {"amountMinor": 500_00}}
    assert change["vendorBalance"]["own"] == {"available": {"amountMinor": 500_00}}
    scheduled = given | {"schedule": "DAILY"}
    assert await owner.refusal_codes("setPayoutSchedule", scheduled) == []
    second = (await subscriber.received(2))[1]
    assert (second["payout"], second["vendorBalance"]["payoutSchedule"]) == (None, "DAILY")


async def test_others_do_not_follow_payouts(shop: Shop, world: World) -> None:
    staff = await new_member(world, shop.vendor, MemberRole.STAFF)
    elsewhere = await world.user()
    await world.vendor(elsewhere)
    for user in (staff, shop.customer, elsewhere, await world.admin()):
        subscriber = await follow(shop, user)
        await subscriber.ended()
        assert (subscriber.codes, subscriber.changes) == (["NOT_FOUND"], [])


async def test_owners_follow_a_payout_that_came_back(shop: Shop, world: World) -> None:
    """They see that it was noted, and the money when another admin has confirmed it."""
    payout = await world.payout(
        await world.payout_account(shop.vendor, shop.owner), state=PayoutState.IN_TRANSIT
    )
    async with world.database.session() as session, session.begin():
        transit = Account(AccountKind.IN_TRANSIT, "INR", shop.vendor.id)
        source = Account(AccountKind.BANK, "INR")
        leg = Leg(source, transit, payout.amount)
        await post_entries(session, Posting(PostingKind.PAYOUT, payout.id), [leg])
    subscriber = await follow(shop, shop.owner)
    await subscriber.connected()
    here, there = [shop.api.signed_in(await world.admin()) for _ in range(2)]
    noted = {"payoutId": gid(payout), "reason": "No such account", "idempotencyKey": "one"}
    assert await here.refusal_codes("markPayoutReturned", noted) == []
    (change,) = await subscriber.received(1)
    assert change["payout"]["payoutState"] == "IN_TRANSIT"
    confirmed = {"payoutId": gid(payout), "idempotencyKey": "two"}
    assert await there.refusal_codes("confirmPayoutReturn", confirmed) == []
    last = (await subscriber.received(2))[-1]
    assert last["vendorBalance"]["own"] == {"available": {"amountMinor": payout.amount}}
