"""Tickets that their holders follow live: bought, given to another, cancelled."""

from datetime import timedelta
from typing import Any

from models.identity.accounts import User
from services.events.tickets.ending import cancel_tickets
from services.events.waitlist.serving import serve_waitlist
from tests.client import gid
from tests.factories.world import World
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder
from tests.resolvers.events.selling.test_waitlist import free
from tests.resolvers.events.tickets.test_transfers import Giving, accepting
from tests.resolvers.events.waiting import join_input
from tests.subscriptions.conftest import Shop

MINE = "{ tickets { changesAfter nodes { id } } }"
FOLLOW = """subscription ($after: String) { ticketChanges(after: $after) {
  cursor ticketId ticket { id state code } ticketHold { state }
  ticketTransfer { transferState ticket { id } } waitlistEntry { state } } }"""


async def follow(shop: Shop, user: User) -> Any:
    """Follow from the user's list on."""
    after = (await shop.api.signed_in(user).ask(MINE))["tickets"]["changesAfter"]
    subscriber = await shop._subscribe(
        tokens=[shop.token(user)], query=FOLLOW, variables={"after": after}
    )
    await subscriber.connected()
    return subscriber


def seen(changes: list[dict[str, Any]], name: str, field: str) -> list[Any]:
    return [change[name][field] for change in changes if change[name]]


async def test_a_buyer_follows_what_is_bought_and_cancelled(shop: Shop, world: World) -> None:
    office = await BoxOffice.open(world)
    buyer = await follow(shop, office.user)
    other = await follow(shop, shop.customer)
    order = await TicketOrder.begin(office, shop.api, office.user)
    (ticket,) = await order.buy()
    async with shop.entries() as session:
        assert await cancel_tickets(session, [ticket.id]) == [ticket.id]
    changes = await buyer.received(4)
    assert seen(changes, "ticketHold", "state")[-1] == "SOLD"
    assert {change["ticketId"] for change in changes} == {None, gid(ticket)}
    assert seen(changes, "ticket", "state")[-1] == "CANCELLED"
    assert seen(changes, "ticket", "code")[-1] is not None
    assert other.changes == []


async def test_both_users_follow_a_transfer(shop: Shop, world: World) -> None:
    giving = await Giving.begin(world, shop.api)
    receiver = shop.customer
    former, new = await follow(shop, giving.office.user), await follow(shop, receiver)
    transfer_id = await giving.give(receiver)
    (offered,) = await new.received(1)
    assert offered["ticketTransfer"] == {"transferState": "PENDING", "ticket": None}
    accepted = await shop.api.signed_in(receiver).do(
        "acceptTransfer", accepting(transferId=transfer_id), "ticket { id }"
    )
    assert accepted["errors"] == []
    lost, got = await former.received(3), await new.received(3)
    about = {change["ticketId"]: change["ticket"] for change in lost if change["ticketId"]}
    assert about == {gid(giving.ticket): None}
    assert [code is not None for code in seen(got, "ticket", "code")] == [True]
    assert seen(got, "ticketTransfer", "transferState")[-1] == "ACCEPTED"


async def test_who_waits_follows_the_entry_and_its_hold(shop: Shop, world: World) -> None:
    office = await BoxOffice.open(world, capacity=1)
    await office.hold(await world.user())
    waiting = await follow(shop, office.user)
    joined = await shop.api.signed_in(office.user).do(
        "joinWaitlist", join_input(office, office.kind), "waitlistEntry { id }"
    )
    assert joined["errors"] == []
    await free(world, office.quota, 2)
    async with shop.entries() as session:
        session.info["notify_after"] = timedelta()
        await serve_waitlist(session, office.date.id)
    changes = await waiting.received(3)
    assert seen(changes, "waitlistEntry", "state")[-1] == "HOLDING"
    assert seen(changes, "ticketHold", "state") == ["OPEN"]


async def test_strangers_do_not_follow(shop: Shop) -> None:
    subscriber = await shop._subscribe(query=FOLLOW, tokens=[])
    await subscriber.ended()
    assert subscriber.codes == ["UNAUTHENTICATED"]
    assert (await shop.api.failed(MINE)) == ["UNAUTHENTICATED"]
