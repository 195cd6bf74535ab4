"""Seats and sales of a date that are followed live."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.events.events import EventState
from models.events.selling.sale_queue import SaleQueueEntry, SaleQueueState
from models.vendors import MemberRole
from services.events.pulse import pulse
from services.events.sale_queue.serving import serve_queue
from tests.client import gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.resolvers.events.hall import Hall
from tests.subscriptions.conftest import Shop

MAP = "query ($id: ID!) { seatMap(eventDateId: $id) { cursor rows { rowId taken } } }"
SEATS = """subscription ($id: ID!, $after: String) {
  seatMapChanges(eventDateId: $id, after: $after) { cursor rows { rowId taken } } }"""
SALES = """subscription ($id: ID!, $after: String) { salesChanges(eventDateId: $id, after: $after) {
  cursor sales { held sold checkedIn revenue { amountMinor } countedAt } ticketIds } }"""


async def fold(shop: Shop, hall: Hall) -> None:
    await hall.world.transactions_end()
    async with shop.entries() as session:
        assert await pulse(session, hall.date.id)


async def follow(shop: Shop, hall: Hall, user: Any, query: str, after: str) -> Any:
    variables = {"id": gid(hall.date), "after": after}
    return await shop._subscribe(tokens=[shop.token(user)], query=query, variables=variables)


async def test_buyers_follow_the_seats_of_a_date(shop: Shop, world: World) -> None:
    hall = await Hall.open(world, rows=1)
    buyer = shop.api.signed_in(hall.user)
    hold = await hall.take(buyer, 0, 0, 1)
    seen = (await shop.api.ask(MAP, id=gid(hall.date)))["seatMap"]
    row_id = seen["rows"][0]["rowId"]
    assert seen["rows"] == [{"rowId": row_id, "taken": [0, 1]}]
    subscriber = await follow(shop, hall, shop.customer, SEATS, seen["cursor"])
    await subscriber.connected()
    await hall.take(shop.api.signed_in(shop.customer), 0, 8, 9)
    await fold(shop, hall)
    (change,) = await subscriber.received(1)
    assert change["rows"] == [{"rowId": row_id, "taken": [0, 1, 8, 9]}]
    await subscriber.stop()
    await buyer.do("releaseHold", {"holdId": hold["id"]})
    await fold(shop, hall)
    resumed = await follow(shop, hall, shop.customer, SEATS, change["cursor"])
    (freed,) = await resumed.received(1)
    assert freed["rows"] == [{"rowId": row_id, "taken": [8, 9]}]


async def test_members_follow_the_sale_of_a_date(shop: Shop, world: World) -> None:
    hall = await Hall.open(world, rows=1)
    staff = await new_member(world, hall.vendor, MemberRole.STAFF)
    query = "query ($id: ID!) { eventSales(eventDateId: $id) { cursor held } }"
    first = (await shop.api.signed_in(staff).ask(query, id=gid(hall.date)))["eventSales"]
    assert first["held"] == 0
    subscriber = await follow(shop, hall, staff, SALES, first["cursor"])
    await subscriber.connected()
    await hall.take(shop.api.signed_in(hall.user), 0, 0, 1)
    await fold(shop, hall)
    (change,) = await subscriber.received(1)
    assert (change["sales"]["held"], change["sales"]["sold"]) == (2, 0)
    assert (await shop.api.signed_in(staff).ask(query, id=gid(hall.date)))["eventSales"][
        "held"
    ] == 2


async def test_members_follow_the_queue_of_the_sale(shop: Shop, world: World) -> None:
    """Also a user whose turn is over changes the figures. Those of another queue do not arrive."""
    hall = await Hall.open(world, rows=1)
    staff = await new_member(world, hall.vendor, MemberRole.STAFF)
    drawn = {"state": SaleQueueState.OPEN, "drawn_at": now(), "served_at": now()}
    queue = await world.sale_queue(hall.event, **drawn, last_number=1, serving=1)
    other = await world.sale_queue(await world.event(hall.vendor), **drawn)
    long_ago = now() - timedelta(hours=1)
    called = SaleQueueEntry(queue_id=queue.id, user_id=hall.user.id, number=1, seen_at=long_ago)
    await world.save(called)
    query = "query ($id: ID!) { eventSales(eventDateId: $id) { cursor } }"
    first = (await shop.api.signed_in(staff).ask(query, id=gid(hall.date)))["eventSales"]
    asked = SALES.replace("ticketIds", "queueFigures { joined called entered lapsed bought }")
    subscriber = await follow(shop, hall, staff, asked, first["cursor"])
    await subscriber.connected()
    for one in (other, queue):
        async with shop.entries() as session:
            await serve_queue(session, one.id)
    (change,) = await subscriber.received(1)
    assert change["sales"] is None
    figures = {"joined": 1, "called": 1, "entered": 0, "lapsed": 1, "bought": 0}
    assert change["queueFigures"] == figures


async def test_others_follow_neither(shop: Shop, world: World) -> None:
    hall = await Hall.open(world, rows=1)
    query = "query ($id: ID!) { eventSales(eventDateId: $id) { held } }"
    other = shop.api.signed_in(shop.owner)
    assert (await other.ask(query, id=gid(hall.date)))["eventSales"] is None
    assert await shop.api.failed(query, id=gid(hall.date)) == ["UNAUTHENTICATED"]
    event = await world.fresh(hall.event)
    event.state, event.published_at = EventState.DRAFT, None
    for user, asked in ((shop.owner, SALES), (shop.customer, SEATS)):
        if asked is SEATS:
            await world.save(event)
            assert (await shop.api.ask(MAP, id=gid(hall.date)))["seatMap"] is None
        refused = await follow(shop, hall, user, asked, "")
        await refused.ended()
        assert refused.codes == ["NOT_FOUND"]
