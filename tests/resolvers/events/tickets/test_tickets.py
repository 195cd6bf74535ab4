"""Issued tickets: seen, named and cancelled by their holders and by members."""

from datetime import timedelta

import pytest

from core.clock import now
from models.events.check_in.lists import CheckInList, CheckInMode
from models.events.dates import EventDateState
from models.events.selling.holds import HoldSource
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User
from models.notifications.inbox import Notification, NotificationKind
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.vendors import MemberRole
from services.events.tickets.notices import notify_of_cancelled
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder

SEEN = """query ($id: ID!) { node(id: $id) { ...on Ticket {
  id state generation code token qrSvg attendee mayTransfer ticketSource price { amountMinor }
  refundNow { amountMinor } eventDate { id } ticketType { id } orderLine { quantity }
} } }"""


async def staff(office: BoxOffice, role: MemberRole = MemberRole.STAFF) -> User:
    user = await office.world.user()
    await office.world.member(office.vendor, user, role)
    return user


async def strangers(office: BoxOffice) -> list[User]:
    """Return another user, and an owner of another vendor."""
    other = await office.world.user()
    await office.world.member(await office.world.vendor(), other, MemberRole.OWNER)
    return [await office.world.user(), other]


async def issued(office: BoxOffice, user: User | None = None) -> Ticket:
    return await office.world.ticket(user or office.user, office.date, office.kind, office.quota)


async def test_a_holder_sees_codes_and_members_do_not(world: World, api: Client) -> None:
    office = await BoxOffice.open(world, refund_hours=24, refund_bps=5_000)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    seen = (await order.client.ask(SEEN, id=gid(ticket)))["node"]
    assert (seen["code"], seen["orderLine"]) == (ticket.code, {"quantity": 1})
    assert (seen["price"]["amountMinor"], seen["refundNow"]["amountMinor"]) == (100_00, 50_00)
    claims = world.keys.read_ticket(seen["token"])
    assert (claims.ticket_id, claims.event_date_id) == (ticket.id, office.date.id)
    assert (claims.generation, len(seen["token"]) < 250) == (1, True)
    listed = "{ tickets { nodes { id } } }"
    assert (await order.client.ask(listed))["tickets"]["nodes"] == [{"id": gid(ticket)}]
    member = api.signed_in(await staff(office))
    seen = (await member.ask(SEEN, id=gid(ticket)))["node"]
    assert [seen[name] for name in ("code", "token", "qrSvg")] == [None] * 3
    assert (await member.ask(listed))["tickets"]["nodes"] == []
    for user in await strangers(office):
        assert (await api.signed_in(user).ask(SEEN, id=gid(ticket)))["node"] is None
    assert await api.failed(listed) == ["UNAUTHENTICATED"]
    at_the_desk = await world.ticket(None, office.date, office.kind, office.quota)
    assert (await api.ask(SEEN, id=gid(at_the_desk)))["node"] is None


async def test_attendees_are_named_by_holders_and_members(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    ticket = await issued(office)
    input = {"ticketId": gid(ticket), "name": "Asha Rao"}
    for user in (office.user, await staff(office)):
        named = await api.signed_in(user).do("nameAttendee", input, "ticket { attendee }")
        assert named["ticket"] == {"attendee": "Asha Rao"}
    assert await api.mutation_failed("nameAttendee", input) == ["UNAUTHENTICATED"]
    for user in await strangers(office):
        assert await api.signed_in(user).refusal_codes("nameAttendee", input) == ["NOT_FOUND"]
    client = api.signed_in(office.user)
    assert await client.refusal_codes("nameAttendee", input | {"name": "\n"}) == ["INVALID_INPUT"]
    cleared = await client.do("nameAttendee", input | {"name": None}, "ticket { attendee }")
    assert cleared["ticket"] == {"attendee": None}
    office.date.state, office.date.cancelled_at = EventDateState.CANCELLED, now()
    await world.save(office.date)
    assert await client.refusal_codes("nameAttendee", input) == ["TICKET_DATE_OVER"]


@pytest.mark.parametrize(
    ("bps", "admits", "back"), [(10_000, 1, 100_00), (5_000, 1, 50_00), (10_000, 3, 33_34)]
)
async def test_a_holder_who_cancels_is_refunded_by_the_policy(
    world: World, api: Client, bps: int, admits: int, back: int
) -> None:
    office = await BoxOffice.open(world, refund_hours=24, refund_bps=bps)
    office.kind = await world.ticket_type(office.event, office.quota, admits=admits)
    order = await TicketOrder.begin(office, api)
    ticket, *others = await order.buy()
    input = keyed(ticketId=gid(ticket), reason="Ill")
    shown = "ticket { state generation token cancelReason }"
    cancelled = await order.client.do("cancelTicket", input, shown)
    assert cancelled["ticket"] == {
        "state": "CANCELLED",
        "generation": 2,
        "token": None,
        "cancelReason": "Ill",
    }
    assert (await order.client.do("cancelTicket", input, shown)) == cancelled
    ((reason, amount),) = await order.refunded()
    assert (reason, abs(amount - back) <= 1) == ("CANCELLED", True)
    assert (await office.taken(), await office.counted(order.user)) == (len(others),) * 2
    again = await order.client.refusal_codes("cancelTicket", input | keyed())
    assert again == ["TICKET_CANCELLED"]
    await check_invariants(world.database)


async def test_what_the_vendor_has_paid_back_is_not_paid_back_again(
    world: World, api: Client
) -> None:
    """The rest of the order stays paid, so that more than the line's price could go back."""
    office = await BoxOffice.open(world, refund_hours=24, refund_bps=9_000)
    order = await TicketOrder.begin(office, api, quantity=2)
    other = await world.ticket_type(office.event, office.quota, price=500_00)
    more = await world.ticket_hold(
        order.user, office.date, other, office.quota, source=HoldSource.DESK
    )
    checkout = await order.check_out(order.hold, more)
    assert await order.client.refusal_codes("placeOrder", order.input(checkout)) == []
    await order.pay()
    await order.deliver()
    tickets = [one for one in await order.tickets() if one.price == 100_00]
    async with world.database.session() as session:
        line = await session.get_one(OrderLine, tickets[0].order_line_id)
    refund = keyed(
        suborderId=gid(await world.first(SubOrder)),
        reason="Sorry",
        lines=[{"lineId": gid(line), "quantity": 2}],
    )
    owner = api.signed_in(await staff(office, MemberRole.OWNER))
    assert await owner.refusal_codes("grantRefund", refund) == []
    for one in tickets:
        given = keyed(ticketId=gid(one))
        assert await order.client.refusal_codes("cancelTicket", given) == []
    assert [amount for _, amount in await order.refunded()] == [200_00]


async def test_cancelling_is_not_refunding(world: World, api: Client) -> None:
    """Members cancel without a refund, and a refund leaves tickets as they are."""
    office = await BoxOffice.open(world, refund_hours=24)
    order = await TicketOrder.begin(office, api, quantity=2)
    ticket, kept = await order.buy()
    await order.deliver()
    owner = api.signed_in(await staff(office, MemberRole.OWNER))
    assert await owner.refusal_codes("cancelTicket", keyed(ticketId=gid(ticket))) == []
    assert await order.refunded() == []
    async with Transactions(world.database, Unheard()).begin() as session:
        await notify_of_cancelled(session, ticket.id)
    assert (await world.first(Notification)).kind is NotificationKind.TICKET_CANCELLED
    line = await order.line()
    refund = keyed(
        suborderId=gid(await world.first(SubOrder)),
        reason="Sorry",
        lines=[{"lineId": gid(line), "quantity": 2}],
    )
    assert await owner.refusal_codes("grantRefund", refund) == []
    assert await order.refunded() == [("GOODWILL", 200_00)]
    assert (await world.fresh(kept)).state is TicketState.VALID
    assert await order.client.refusal_codes("cancelTicket", keyed(ticketId=gid(kept))) == []
    assert len(await order.refunded()) == 1
    await check_invariants(world.database)


@pytest.mark.parametrize("mode", CheckInMode)
async def test_a_holder_who_has_entered_gets_nothing_back(
    world: World, api: Client, mode: CheckInMode
) -> None:
    """Doors open before the start, until which a policy can give the money back."""
    office = await BoxOffice.open(world, refund_hours=0)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    scan = await world.admit(ticket, office.date, office.user)
    async with world.database.session() as session, session.begin():
        door = await session.get_one(CheckInList, scan.list_id)
        door.mode, door.max_entries = mode, 2 if mode is CheckInMode.TIMES else None
    input = keyed(ticketId=gid(ticket))
    assert await order.client.refusal_codes("cancelTicket", input) == ["TICKET_USED"]
    assert await order.refunded() == []
    codes = ["TICKET_USED"] if mode is CheckInMode.ONCE else []
    owner = api.signed_in(await staff(office, MemberRole.OWNER))
    assert await owner.refusal_codes("cancelTicket", input) == codes


async def test_cancel_ticket_as_others_and_too_late(world: World, api: Client) -> None:
    office = await BoxOffice.open(world)
    ticket = await issued(office)
    input = keyed(ticketId=gid(ticket))
    assert await api.mutation_failed("cancelTicket", input) == ["UNAUTHENTICATED"]
    for user in await strangers(office):
        assert await api.signed_in(user).refusal_codes("cancelTicket", input) == ["NOT_FOUND"]
    await world.admit(ticket, office.date, office.user)
    client = api.signed_in(office.user)
    assert await client.refusal_codes("cancelTicket", input) == ["TICKET_USED"]
    date = await world.fresh(office.date)
    date.starts_at, date.ends_at = now() - timedelta(hours=2), now() - timedelta(hours=1)
    await world.save(date)
    assert await client.refusal_codes("cancelTicket", input | keyed()) == ["TICKET_DATE_OVER"]
    assert (await world.fresh(ticket)).state is TicketState.VALID
    await check_invariants(world.database)
