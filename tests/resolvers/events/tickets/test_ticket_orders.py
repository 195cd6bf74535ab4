"""Holds in orders: priced, paid, free, expired, paid late, cancelled and refunded."""

from datetime import timedelta

import pytest

from core.clock import now
from models.errors import Refusal
from models.events.dates import EventDateState
from models.events.events import EventState
from models.events.selling.holds import HoldState, TicketHold
from models.events.tickets import TicketState
from models.notifications.inbox import Notification, NotificationKind
from models.orders.orders import Order, SubOrder
from models.orders.states import OrderState, SubOrderState
from models.vendors import MemberRole
from services import jobs
from services.events.tickets.ending import cancel_tickets, cancel_units
from services.notifications.kinds import declared_kinds
from services.orders.kinds import LineUnits
from tests.client import Client, gid
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import hold_input, keyed
from tests.resolvers.events.ordering import PLACED, TicketOrder


async def test_paid_tickets_are_issued_once_without_an_address(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api, quantity=2)
    checkout = await order.check_out()
    assert checkout["problems"] == []
    assert checkout["totals"]["total"]["amountMinor"] == 200_00
    input = order.input(checkout)
    placed = await order.client.do("placeOrder", input, PLACED)
    assert (placed["order"]["state"], placed["payment"]["paymentStatus"]) == ("PENDING", "OPEN")
    assert await order.client.do("placeOrder", input, PLACED) == placed
    assert (await world.fresh(order.hold)).state is HoldState.CHECKOUT
    assert await order.tickets() == []
    assert await order.client.refusal_codes("releaseHold", {"holdId": gid(order.hold)}) == [
        "HOLD_EXPIRED"
    ]
    await order.pay()
    tickets = await order.tickets()
    line = await order.line()
    assert [(one.price, one.order_line_id) for one in tickets] == [(100_00, line.id)] * 2
    assert line.title == {"en": f"{office.event.title['en']} · {office.kind.name['en']}"}
    assert (await world.fresh(order.hold)).state is HoldState.SOLD
    assert (await office.taken(), await office.counted(order.user)) == (2, 2)
    await check_invariants(world.database)


async def test_free_tickets_are_issued_at_once(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    office.kind = await world.ticket_type(office.event, office.quota, price=0)
    order = await TicketOrder.begin(office, api, quantity=2)
    placed = await order.place()
    assert placed["order"] == {
        "id": placed["order"]["id"],
        "state": "CONFIRMED",
        "paymentState": "PAID",
    }
    assert len(await order.tickets()) == 2
    kind, order_id = NotificationKind.ORDER_CONFIRMED, (await world.first(Order)).id
    notice = Notification(user_id=order.user.id, kind=kind, subject_id=order_id)
    async with world.database.session() as session:
        text = await declared_kinds()[kind].compose(session, notice, order.user)
    assert text.push_body.endswith("is confirmed. What you have bought is in the app.")
    await check_invariants(world.database)


async def test_an_order_that_expires_or_is_cancelled_gives_its_tickets_back(
    world: World, api: Client
) -> None:
    office = await BoxOffice.open(world)
    late = await TicketOrder.begin(office, api)
    await late.place()
    await late.expire()
    given_up = await TicketOrder.begin(office, api)
    placed = await given_up.place()
    cancelled = await given_up.client.do(
        "cancelOrder", keyed(orderId=placed["order"]["id"]), "order { state }"
    )
    assert cancelled["order"] == {"state": "CANCELLED"}
    for one in (late, given_up):
        assert (await world.fresh(one.hold)).state is HoldState.EXPIRED
        assert await office.counted(one.user) == 0
    assert await office.taken() == 0
    await check_invariants(world.database)


@pytest.mark.parametrize("room", [True, False], ids=["retaken", "refunded"])
async def test_late_money_is_a_ticket_or_a_refund(world: World, api: Client, *, room: bool) -> None:
    office = await BoxOffice.open(world, capacity=1)
    order = await TicketOrder.begin(office, api)
    await order.place()
    await order.expire()
    if not room:
        await office.hold(await world.user())
    await order.receive_money()
    confirmed = await order.order()
    assert await order.refunded() == ([] if room else [("LATE_PAYMENT", 100_00)])
    assert len(await order.tickets()) == int(room)
    assert (confirmed.state is OrderState.CONFIRMED) == room
    assert (await world.fresh(order.hold)).state == (HoldState.SOLD if room else HoldState.EXPIRED)
    assert await office.taken() == 1
    await check_invariants(world.database)


async def test_money_for_a_date_that_was_cancelled_goes_back(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    await order.place()
    office.date.state, office.date.cancelled_at = EventDateState.CANCELLED, now()
    await world.save(office.date)
    assert await record_refused(order) == ["SALE_ENDED"]
    await order.receive_money()
    assert await order.tickets() == []
    assert await order.refunded() == [("LATE_PAYMENT", 100_00)]
    await check_invariants(world.database)


async def record_refused(order: TicketOrder) -> list[str]:
    """Return the code with which the record of a transfer is refused."""
    with pytest.raises(Refusal) as caught:
        await order.pay()
    return [caught.value.code]


async def test_a_failure_while_tickets_are_issued_leaves_the_money_to_be_settled(
    world: World, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Payment and tickets are of one transaction: a provider's next report settles both."""
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    await order.place()

    async def fail(*args: object, **values: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(jobs, "defer", fail)
        with pytest.raises(RuntimeError):
            await order.receive_money()
    assert await order.tickets() == []
    assert (await order.order()).state is OrderState.PENDING
    for _ in range(2):
        await order.receive_money()
        assert len(await order.tickets()) == 1
    assert await order.refunded() == []
    await check_invariants(world.database)


async def test_tickets_are_delivered_after_their_date(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    await order.buy()
    await order.deliver()
    line = await order.line()
    assert (line.shipped, line.open_units) == (1, 0)
    part = await world.first(SubOrder)
    assert part.state is SubOrderState.SHIPPED
    member = await world.user()
    await world.member(office.vendor, member, MemberRole.OWNER)
    refused = await api.signed_in(member).refusal_codes(
        "rejectSuborder", keyed(suborderId=gid(part), reason="No hall")
    )
    assert refused == ["ORDER_STATE"]
    date = await world.fresh(office.date)
    date.starts_at, date.ends_at = now() - timedelta(hours=3), now() - timedelta(hours=1)
    await world.save(date)
    for _ in range(2):
        await order.deliver()
        assert (await world.first(SubOrder)).state is SubOrderState.DELIVERED
    await check_invariants(world.database)


async def test_a_buyer_cancels_no_tickets_with_the_order(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    await order.buy()
    input = keyed(orderId=gid(await order.order()))
    assert await order.client.refusal_codes("cancelOrder", input) == ["ORDER_STATE"]
    assert [one.state for one in await order.tickets()] == [TicketState.VALID]


async def test_a_vendor_that_rejects_tickets_cancels_them(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    office.kind = await world.ticket_type(office.event, office.quota, admits=2)
    order = await TicketOrder.begin(office, api, quantity=2)
    await order.buy()
    member = await world.user()
    await world.member(office.vendor, member, MemberRole.OWNER)
    part = await world.first(SubOrder)
    input = keyed(suborderId=gid(part), reason="No hall")
    assert await api.signed_in(member).refusal_codes("rejectSuborder", input) == []
    tickets = await order.tickets()
    assert [(one.state, one.generation) for one in tickets] == [(TicketState.CANCELLED, 2)] * 4
    assert (await office.taken(), await office.counted(order.user)) == (0, 0)
    await check_invariants(world.database)


async def test_as_many_valid_tickets_are_cancelled_as_units(world: World, api: Client) -> None:
    """Also for several ranges of a line, of which one is empty, after a ticket alone."""
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api, quantity=4)
    tickets, line = await order.buy(), await order.line()
    units = [LineUnits(line, *numbers) for numbers in ((0, 1), (2, 3), (3, 3))]
    async with world.database.session() as session, session.begin():
        await cancel_tickets(session, [tickets[3].id])
        await cancel_units(session, units)
    states = [one.state for one in await order.tickets()]
    assert states == [TicketState.VALID, *[TicketState.CANCELLED] * 3]


async def test_holds_that_cannot_be_ordered_are_problems(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    foreign = await office.hold(await world.user())
    found = await order.check_out(order.hold, foreign)
    assert [(one["code"], one["holdId"]) for one in found["problems"]] == [
        ("NOT_SOLD", gid(foreign))
    ]
    hold = await world.fresh(order.hold)
    hold.expires_at = now() - timedelta(seconds=1)
    await world.save(hold)
    found = await order.check_out()
    assert [one["code"] for one in found["problems"]] == [
        "HOLD_EXPIRED",
        "CHECKOUT_EMPTY",
        "ADDRESS_MISSING",
    ]
    assert found["problems"][0]["variantId"] is None
    refused = await order.client.refusal_codes("placeOrder", order.input(found))
    assert refused[:2] == ["HOLD_EXPIRED", "CHECKOUT_EMPTY"]
    office.event.state = EventState.ARCHIVED
    await world.save(office.event)
    assert (await order.check_out())["problems"][0]["code"] == "NOT_SOLD"
    anonymous = await api.mutation_failed(
        "createCheckout", {"currency": "INR", "holdIds": [gid(order.hold)]}
    )
    assert anonymous == ["UNAUTHENTICATED"]


async def test_a_hold_that_changes_after_the_price_was_agreed(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    user = await world.user()
    client = api.signed_in(user)
    input = hold_input(office.date, (office.kind, 1))
    held = await client.do("holdTickets", input, "hold { id }")
    order = TicketOrder(world, user, office, client, await world.first(TicketHold))
    checkout = await order.check_out()
    lines = hold_input(office.date, (office.kind, 2))["lines"]
    change = keyed(holdId=held["hold"]["id"], lines=lines)
    assert await client.refusal_codes("changeHold", change) == []
    assert await client.refusal_codes("placeOrder", order.input(checkout)) == ["CART_CHANGED"]
    await order.buy()
    assert len(await order.tickets()) == 2
