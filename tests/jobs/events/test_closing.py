"""Dates that are cancelled, postponed and moved, and what becomes of their tickets."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from core.database import Database
from models.events.date_changes import DateChange, TicketRefund, TicketRefundState
from models.events.dates import EventDateState
from models.events.events import EventState
from models.events.selling.holds import HoldState
from models.events.selling.waitlist import WaitlistState
from models.events.tickets import Ticket, TicketSource, TicketState
from models.notifications.inbox import Notification
from models.orders.orders import SubOrder
from models.orders.states import OrderState, SubOrderState
from models.payments.disputes import PaymentDisputed
from models.payments.refunds import Refund
from models.vendors import MemberRole
from services.events.closing import carrying_out, refunds
from services.events.waitlist.serving import serve_waitlist
from services.orders.refunds import granting
from tests.client import Client, gid
from tests.factories.orders import PlacedOrder
from tests.factories.vendors import OUTSIDERS, new_member, outsider
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder

CHANGED = """eventDate {
  state revision latestChange {
    kind refund reason tickets doneAt refunds { due granted refused }
  }
}"""


class Sold:
    """Two tickets of an order, and one of the desk, of one buyer."""

    office: BoxOffice
    client: Client
    placed: PlacedOrder

    @classmethod
    async def of(cls, world: World, api: Client) -> "Sold":
        self = cls()
        self.office = office = await BoxOffice.open(world)
        manager = await new_member(world, office.vendor, MemberRole.MANAGER)
        self.client = api.signed_in(manager)
        self.placed = await world.placed_order(office.user, [office.vendor], shipping=0)
        line = {"source": TicketSource.ORDER, "order_line_id": self.placed.lines[0].id}
        for given in (line, line, {}):
            await world.ticket(office.user, office.date, office.kind, office.quota, **given)
        return self

    async def cancel(self, refund: str = "ALL", **given: Any) -> dict[str, Any]:
        input = {"eventDateId": gid(self.office.date), "refund": refund} | given
        return await self.client.do("cancelEventDate", input, CHANGED)


async def tickets_of(world: World) -> list[Ticket]:
    async with world.database.session() as session:
        return list((await session.exec(select(Ticket).order_by(Ticket.id))).all())  # type: ignore[arg-type]


async def kinds_of(world: World) -> list[str]:
    async with world.database.session() as session:
        return [one.kind for one in await session.exec(select(Notification))]


async def test_cancel_event_date_cancels_its_tickets_and_refunds_them(
    world: World, api: Client, work: Work, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "BATCH_SIZE", 2)
    sold = await Sold.of(world, api)
    office = sold.office
    hold = await office.hold(await world.user())
    shown = (await sold.cancel(reason="The singer is ill"))["eventDate"]
    assert (shown["state"], shown["latestChange"]["tickets"]) == ("CANCELLED", 0)
    assert (await world.fresh(office.event)).state == EventState.ENDED
    await work()
    assert {one.state for one in await tickets_of(world)} == {TicketState.CANCELLED}
    assert {one.cancel_reason for one in await tickets_of(world)} == {"The singer is ill"}
    assert (await world.fresh(hold)).state == HoldState.EXPIRED
    assert (await office.taken(), await office.counted(office.user)) == (0, 0)
    refund = await world.first(Refund)
    assert (refund.amount, refund.note) == (sold.placed.order.total, "The singer is ill")
    assert (await world.fresh(sold.placed.order)).state == OrderState.CANCELLED
    again = (await sold.cancel(refund="NONE"))["eventDate"]
    assert again["latestChange"]["doneAt"] is not None
    assert again["latestChange"] | {"doneAt": None} == {
        "kind": "CANCELLED",
        "refund": "ALL",
        "reason": "The singer is ill",
        "tickets": 3,
        "doneAt": None,
        "refunds": {"due": 0, "granted": 1, "refused": 0},
    }
    await work()
    kinds = [one for one in await kinds_of(world) if one != "INVOICE_ISSUED"]
    assert sorted(kinds) == ["EVENT_DATE_CANCELLED", "REFUND_GRANTED"]
    await check_invariants(database)


async def test_a_refund_that_is_refused_stops_no_other_and_is_tried_again(
    world: World, api: Client, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold = await Sold.of(world, api)
    real = granting.grant_refund

    async def refuse(*_: object, **__: object) -> None:
        raise PaymentDisputed

    monkeypatch.setattr(refunds, "grant_refund", refuse)
    await sold.cancel()
    await work()
    owed = await world.first(TicketRefund)
    assert (owed.state, owed.code) == (TicketRefundState.REFUSED, "PAYMENT_DISPUTED")
    assert (await world.fresh(sold.placed.lines[0])).refunded == 0
    monkeypatch.setattr(refunds, "grant_refund", real)
    retried = {"eventDateId": gid(sold.office.date)}
    for _ in range(2):
        assert await sold.client.refusal_codes("retryTicketRefunds", retried) == []
        await work()
    assert (await world.fresh(owed)).state == TicketRefundState.GRANTED
    assert (await world.fresh(sold.placed.lines[0])).refunded == 2


async def test_without_a_refund_the_order_keeps_its_money(
    world: World, api: Client, work: Work
) -> None:
    sold = await Sold.of(world, api)
    await sold.cancel(refund="NONE")
    await work()
    assert {one.state for one in await tickets_of(world)} == {TicketState.CANCELLED}
    assert (await world.fresh(sold.placed.order)).refunded == 0


async def test_a_ticket_that_is_issued_late_is_cancelled_too(
    world: World, api: Client, work: Work, defer: Defer
) -> None:
    """An order that is being paid at that moment gets its tickets after the date was cancelled."""
    sold = await Sold.of(world, api)
    paying = await sold.office.hold(await world.user(), state=HoldState.CHECKOUT)
    await sold.cancel()
    await work()
    assert (await world.first(DateChange)).done_at is None
    paying = await world.fresh(paying)
    paying.state, paying.ended_at = HoldState.SOLD, now()
    await world.save(paying)
    late = await world.ticket(await world.user(), sold.office.date, sold.office.kind)
    await defer("carry_out_lost_changes", timestamp=0)
    await work()
    assert (await world.fresh(late)).state == TicketState.CANCELLED
    assert (await world.first(DateChange)).done_at is not None


async def test_cancel_event_with_all_its_coming_dates(
    world: World, api: Client, work: Work
) -> None:
    sold = await Sold.of(world, api)
    event, hour = sold.office.event, timedelta(hours=1)
    over = await world.event_date(event, starts_at=now() - 3 * hour, ends_at=now() - hour)
    coming = await world.event_date(event, starts_at=now() + 50 * hour)
    input = {"eventId": gid(event), "refund": "ALL"}
    for _ in range(2):
        cancelled = await sold.client.do("cancelEvent", input, "event { state nextDateAt }")
        assert cancelled["event"] == {"state": "CANCELLED", "nextDateAt": None}
    assert (await world.fresh(coming)).state == EventDateState.CANCELLED
    assert (await world.fresh(over)).state == EventDateState.SCHEDULED
    await work()
    assert {one.state for one in await tickets_of(world)} == {TicketState.CANCELLED}
    archived = await sold.client.do("archiveEvent", {"eventId": gid(event)}, "event { state }")
    assert archived["event"]["state"] == "ARCHIVED"
    assert await sold.client.refusal_codes("cancelEvent", input) == ["EVENT_STATE"]


async def test_holders_of_a_postponed_or_moved_date_can_have_their_money_back(
    world: World, api: Client, work: Work
) -> None:
    sold = await Sold.of(world, api)
    date, id = sold.office.date, {"eventDateId": gid(sold.office.date)}
    await sold.client.do("postponeEventDate", id, CHANGED)
    await work()
    for one in await tickets_of(world):
        assert one.refund_now(date.ends_at + timedelta(days=300)) == one.price
    move = id | {"revision": 1, "localStart": "2030-05-31T20:00"}
    moved = await sold.client.do("moveEventDate", move, CHANGED)
    assert moved["eventDate"]["latestChange"]["kind"] == "MOVED"
    await work()
    for one in await tickets_of(world):
        assert one.state is TicketState.VALID
        assert one.refund_now(now() + timedelta(days=13)) == one.price
        assert one.refund_now(now() + timedelta(days=15)) == 0
    assert sorted(await kinds_of(world)) == ["EVENT_DATE_MOVED", "EVENT_DATE_POSTPONED"]


async def test_a_group_is_paid_back_once_by_its_tickets_and_with_its_date(
    world: World, api: Client, work: Work
) -> None:
    """Another date of the order stays paid, so that more than the group's price could go back."""
    office = await BoxOffice.open(world, refund_hours=24)
    office.kind = await world.ticket_type(office.event, office.quota, admits=4)
    order = await TicketOrder.begin(office, api)
    later = await world.event_date(office.event, starts_at=now() + timedelta(days=30))
    quota = await world.quota(later)
    single = await world.ticket_type(office.event, quota)
    other = await world.ticket_hold(order.user, later, single, quota)
    checkout = await order.check_out(order.hold, other)
    assert await order.client.refusal_codes("placeOrder", order.input(checkout)) == []
    await order.pay()
    group = [one for one in await order.tickets() if one.event_date_id == office.date.id]
    for one in group[:3]:
        given = keyed(ticketId=gid(one))
        assert await order.client.refusal_codes("cancelTicket", given) == []
    assert sum(amount for _, amount in await order.refunded()) == 75_00
    manager = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    cancel = {"eventDateId": gid(office.date), "refund": "ALL"}
    assert await manager.refusal_codes("cancelEventDate", cancel) == []
    await work()
    assert sum(amount for _, amount in await order.refunded()) == 100_00
    await check_invariants(world.database)


async def test_a_postponed_date_is_not_over_at_its_former_end(
    world: World, api: Client, work: Work
) -> None:
    """It can be moved or cancelled, tickets are paid back, and the vendor is not paid yet."""
    office = await BoxOffice.open(world)
    manager = await new_member(world, office.vendor, MemberRole.MANAGER)
    client, id = api.signed_in(manager), {"eventDateId": gid(office.date)}
    orders = [await TicketOrder.begin(office, api) for _ in range(2)]
    tickets = [(await one.buy())[0] for one in orders]
    assert await client.refusal_codes("postponeEventDate", id) == []
    await work()
    entry = await world.waitlist_entry(await world.user(), office.date)
    date = await world.fresh(office.date)
    date.starts_at, date.ends_at = now() - timedelta(hours=3), now() - timedelta(hours=1)
    await world.save(date)
    for one in orders:
        await one.deliver()
    async with world.database.session() as session:
        parts = (await session.exec(select(SubOrder.state))).all()
    assert parts == [SubOrderState.SHIPPED] * 2
    input = keyed(ticketId=gid(tickets[0]))
    assert await orders[0].client.refusal_codes("cancelTicket", input) == []
    assert await orders[0].refunded() == [("CANCELLED", 100_00)]
    async with world.database.session() as session, session.begin():
        assert not await serve_waitlist(session, date.id)
    assert (await world.fresh(entry)).state is WaitlistState.WAITING
    cancel = {"eventId": gid(office.event), "refund": "ALL"}
    assert await client.refusal_codes("cancelEvent", cancel) == []
    await work()
    assert [amount for _, amount in await orders[1].refunded()] == [100_00]
    assert (await world.fresh(tickets[1])).state is TicketState.CANCELLED


async def test_others_see_no_progress(world: World, api: Client) -> None:
    sold = await Sold.of(world, api)
    await sold.cancel()
    query = "query ($id: ID!) { eventDate(id: $id) { state latestChange { kind } } }"
    holder = api.signed_in(sold.office.user)
    for client in (api, holder):
        seen = await client.ask(query, id=gid(sold.office.date))
        assert seen["eventDate"] == {"state": "CANCELLED", "latestChange": None}


@pytest.mark.parametrize("who", OUTSIDERS)
async def test_dates_are_cancelled_by_managers_alone(world: World, api: Client, who: str) -> None:
    vendor = await world.vendor(await world.user())
    event = await world.event(vendor)
    date = await world.event_date(event)
    client = api.signed_in(await outsider(world, vendor, who))
    inputs = {
        "cancelEvent": {"eventId": gid(event), "refund": "ALL"},
        "cancelEventDate": {"eventDateId": gid(date), "refund": "NONE"},
        "retryTicketRefunds": {"eventDateId": gid(date)},
    }
    for name, input in inputs.items():
        assert await client.refusal_codes(name, input) == ["NOT_FOUND"]
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
