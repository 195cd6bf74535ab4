"""Failures of other ticket shops, as reported in public: see docs/known-failures.md."""

import csv
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from sqlmodel import select

from core.clock import now
from models.events.dates import EventDateState
from models.events.questions import AttendeeAnswer, EventQuestion
from models.events.selling.waitlist import WaitlistEntry
from models.events.ticket_types import TicketType, TicketTypeState, TypeCode
from models.events.tickets import ATTENDEE_COLUMN, Ticket, TicketSource
from models.orders.lines import OrderLine
from models.orders.orders import SubOrder
from models.payments.refunds import Refund
from models.questions import QuestionKind
from models.vendors import MemberRole
from services.events.tickets.links import TicketsLink
from services.events.tickets.printing import read_papers
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.jobs.privacy.test_erase_account import due
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import Door
from tests.resolvers.events.inputs import hold_input, keyed
from tests.resolvers.events.ordering import TicketOrder
from tests.resolvers.events.selling.test_sales import LINK, SALES
from tests.resolvers.events.tickets.test_questions import answer
from tests.resolvers.events.waiting import join_input, serve, state_of

OPENS = timedelta(hours=-2)


async def test_a_copied_event_is_on_sale_although_the_former_sale_is_over(
    world: World, api: Client
) -> None:
    """pretix/pretix#5182: what was copied kept times of the year before."""
    office = await BoxOffice.open(world)
    over: dict[str, Any] = {"sale_starts_at": now() - timedelta(days=30), "sale_ends_at": now()}
    coming: dict[str, Any] = {"sale_ends_at": now() + timedelta(days=30)}
    await world.ticket_type(office.event, office.quota, position=1, **over)
    await world.ticket_type(office.event, office.quota, position=2, **coming)
    owner = api.signed_in(await new_member(world, office.vendor, MemberRole.OWNER))
    fields = "event { ticketTypes { saleStartsAt saleEndsAt } }"
    cloned = await owner.do("cloneEvent", keyed(eventId=gid(office.event)), fields)
    ends = [bool(one["saleEndsAt"]) for one in cloned["event"]["ticketTypes"]]
    assert ends == [False, False, True]
    assert cloned["event"]["ticketTypes"][1]["saleStartsAt"] is None


@pytest.mark.parametrize("postponed", [False, True])
async def test_the_door_opens_for_the_new_time_of_a_date(
    world: World, api: Client, *, postponed: bool
) -> None:
    """pretix/pretix#5182: tickets were refused at the new time, valid at the former one."""
    door = await Door.open(world)
    date = door.date
    door.door.opens_at = date.starts_at + OPENS
    door.door.closes_at = date.ends_at
    archived = await world.check_in_list(date, opens_at=date.starts_at, archived_at=now())
    await world.save(door.door)
    manager = api.signed_in(door.manager)
    if postponed:
        given = {"eventDateId": gid(date)}
        assert await manager.refusal_codes("postponeEventDate", given) == []
    fresh = await world.fresh(date)
    later = date.local_start + timedelta(days=3)
    move = {"eventDateId": gid(date), "localStart": f"{later:%Y-%m-%dT%H:%M}"}
    assert await manager.refusal_codes("moveEventDate", move | {"revision": fresh.revision}) == []
    fresh, row = await world.fresh(date), await world.fresh(door.door)
    assert fresh.starts_at > date.starts_at
    assert row.opens_at == fresh.starts_at + OPENS
    assert row.closes_at - row.opens_at == date.ends_at - date.starts_at - OPENS
    assert (await world.fresh(archived)).opens_at == date.starts_at


async def test_a_printed_time_without_a_place_names_its_zone(world: World) -> None:
    """HiEventsDev/Hi.Events#591: the time on a ticket was that of no place that was named."""
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    link = TicketsLink(office.user.id, {ticket.id: 1})

    async def starts() -> str:
        async with world.database.session() as session:
            (paper,) = await read_papers(session, world.sealer, world.keys, link)
        return paper.starts

    alone = await starts()
    assert alone.endswith("(GMT+05:30)")
    office.date.venue_id = (await world.venue(office.vendor)).id
    await world.save(office.date)
    assert f"{await starts()} (GMT+05:30)" == alone, "the place is printed below"
    office.date.state = EventDateState.POSTPONED
    await world.save(office.date)
    assert await starts() == "The new time is not known yet."


async def test_who_enters_by_two_doors_is_counted_once(world: World, api: Client) -> None:
    """HiEventsDev/Hi.Events#889: more were counted inside than tickets had been sold."""
    door = await Door.open(world)
    other = await world.check_in_list(door.date, name="VIP")
    (_, key), ticket = await door.scanner(), await door.ticket()
    client = api.signed_in(door.member)
    await door.check_in(client, key, ticket)
    await door.check_in(client, key, ticket, listId=gid(other))
    found = (await api.signed_in(door.manager).ask(SALES, id=gid(door.date)))["eventSales"]
    assert (found["checkedIn"], found["sold"]) == (1, 1)
    query = "query ($id: ID!) { checkInList(id: $id) { attendance { expected admitted inside } } }"
    for one in (door.door, other):
        shown = (await api.signed_in(door.manager).ask(query, id=gid(one)))["checkInList"]
        assert shown["attendance"] == {"expected": 1, "admitted": 1, "inside": 1}


async def test_what_was_cancelled_gives_its_place_back_once(world: World, api: Client) -> None:
    """HiEventsDev/Hi.Events#218: an attendee and then the order freed the same place twice."""
    office = await BoxOffice.open(world)
    await office.hold(await world.user(), quantity=3)
    order = await TicketOrder.begin(office, api, quantity=2)
    first, _ = await order.buy()
    owner = api.signed_in(await new_member(world, office.vendor, MemberRole.OWNER))
    assert await office.taken() == 5
    assert await owner.refusal_codes("cancelTicket", keyed(ticketId=gid(first))) == []
    assert await office.taken() == 4
    rejected = keyed(suborderId=gid(await world.first(SubOrder)), reason="No hall")
    assert await owner.refusal_codes("rejectSuborder", rejected) == []
    assert (await office.taken(), await office.counted(order.user)) == (3, 0)
    async with world.database.session() as session:
        refunds = (await session.exec(select(Refund.amount))).all()
    assert sum(refunds) == (await order.order()).total
    await check_invariants(world.database)


async def test_a_rejected_order_opens_no_door(world: World, api: Client) -> None:
    """verbb/events#107: the code of a ticket was accepted after its order was deleted."""
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    (ticket,) = await order.buy()
    owner = api.signed_in(await new_member(world, office.vendor, MemberRole.OWNER))
    rejected = keyed(suborderId=gid(await world.first(SubOrder)), reason="No hall")
    assert await owner.refusal_codes("rejectSuborder", rejected) == []
    door = Door()
    door.world, door.vendor = world, office.vendor
    door.door = await world.check_in_list(office.date)
    door.member = await new_member(world, office.vendor, MemberRole.SCANNER)
    _, key = await door.scanner()
    for generation in (1, 2):
        token = door.token(ticket, generation)
        scan = await door.check_in(api.signed_in(door.member), key, token=token)
        assert (scan["scanOutcome"], scan["reason"]) == ("REFUSED", "CANCELLED")


async def test_a_hold_is_given_up_after_the_sale(world: World, api: Client) -> None:
    """pretix/pretix#795: what was in the cart could not be removed once the sale was over."""
    office = await BoxOffice.open(world)
    hold = await office.hold(office.user, quantity=2)
    office.date.sale_ends_at = now() - timedelta(minutes=1)
    await world.save(office.date)
    client = api.signed_in(office.user)
    assert await client.refusal_codes("releaseHold", {"holdId": gid(hold)}) == []
    assert (await office.taken(), await office.counted(office.user)) == (0, 0)


async def test_nobody_who_waits_is_offered_tickets_after_the_sale(
    world: World, api: Client
) -> None:
    """pretix/pretix#681: an order that expired after the last day was offered to the next."""
    office = await BoxOffice.open(world, capacity=1)
    taken = await office.hold(await world.user())
    waiting = await world.user()
    client = api.signed_in(waiting)
    assert await client.refusal_codes("joinWaitlist", join_input(office)) == []
    entry = await world.first(WaitlistEntry)
    office.date.sale_ends_at = now() - timedelta(minutes=1)
    await world.save(office.date)
    taken.expires_at = taken.hard_until = now() - timedelta(minutes=1)
    await world.save(taken)
    await serve(world, office)
    assert await state_of(world, entry) == "LAPSED"


async def test_a_code_of_a_type_that_is_over_says_so(world: World, api: Client) -> None:
    """pretix/pretix#489: a voucher for what was not sold any more showed an empty page."""
    office = await BoxOffice.open(world)
    ended: dict[str, Any] = {"needs_code": True, "sale_ends_at": now() - timedelta(minutes=1)}
    hidden = await world.ticket_type(office.event, office.quota, **ended)
    code = await world.promo_code(office.vendor, code="FRIENDS")
    await world.save(TypeCode(ticket_type_id=hidden.id, promo_code_id=code.id))
    input = hold_input(office.date, (hidden, 1), code="friends")
    client = api.signed_in(office.user)
    assert await client.refusal_codes("holdTickets", input) == ["SALE_ENDED"]
    assert await office.taken() == 0


async def test_each_line_of_an_order_names_its_own_date(world: World, api: Client) -> None:
    """pretix/pretix#780: an invoice of one date of a series had the time of the first one."""
    office = await BoxOffice.open(world)
    first = await TicketOrder.begin(office, api)
    week = timedelta(days=7)
    second = await world.event_date(office.event, starts_at=office.date.starts_at + week)
    quota = await world.quota(second)
    kind = await world.ticket_type(office.event, quota)
    hold = await world.ticket_hold(first.user, second, kind, quota)
    checkout = await first.check_out(first.hold, hold)
    placed = await first.client.do("placeOrder", first.input(checkout))
    assert placed["errors"] == []
    async with world.database.session() as session:
        lines = (await session.exec(select(OrderLine))).all()
    dates = {one.options[0]["value"]["key"] for one in lines}
    starts = (office.date.local_start, second.local_start)
    assert dates == {f"{one:%Y-%m-%d %H:%M}" for one in starts}


async def test_an_erased_attendee_is_in_no_export(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """fossasia/eventyay#4768: answers and addresses of anonymized attendees stayed readable."""
    office = await BoxOffice.open(world)
    user = office.user
    hold = await office.hold(user)
    ticket = await world.ticket(user, office.date, office.kind, office.quota, hold_id=hold.id)
    ticket.attendee = world.sealer.seal(ATTENDEE_COLUMN, ticket.id, b"Asha Rao")
    await world.save(ticket)
    row = await _asked(world, office)
    given = await answer(world, row, hold, office)
    given.ticket_id, given.hold_id = ticket.id, None
    await world.save(given)
    staff = await new_member(world, office.vendor, MemberRole.STAFF)
    await world.admit(ticket, office.date, staff)  # one that is not used ends with the account
    before = await _export(api, staff, office)
    assert "Asha Rao" in before[0]["attendee"]
    await due(world, user)
    await defer("erase_account", user_id=user.id)
    await work()
    (after,) = await _export(api, staff, office)
    assert after["attendee"] == ""
    assert after["Diet?"] == ""
    async with world.database.session() as session:
        assert (await session.exec(select(AttendeeAnswer))).all() == []


async def test_an_export_has_retired_types_and_no_formulas(world: World, api: Client) -> None:
    """chobbledotcom/tickets#2204: texts of attendees ran as formulas in the office's program."""
    office = await BoxOffice.open(world, capacity=20)
    hold = await office.hold(office.user, quantity=1)
    row = await _asked(world, office, prompt={"en": "=1+1"})
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx"):
        ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
        ticket.attendee = world.sealer.seal(ATTENDEE_COLUMN, ticket.id, text.encode())
        await world.save(ticket)
    office.kind.state, office.kind.name = TicketTypeState.RETIRED, {"en": '=HYPERLINK("x")'}
    await world.save(office.kind)
    given = await answer(world, row, hold, office)
    assert given.question_id == row.id
    staff = await new_member(world, office.vendor, MemberRole.STAFF)
    for found in await _export(api, staff, office):
        for name, cell in found.items():
            for text in (name, cell):
                assert not text.startswith(("=", "+", "-", "@", "\t", "\r")), text


async def _asked(world: World, office: BoxOffice, **values: Any) -> EventQuestion:
    row = EventQuestion(
        event_id=office.event.id,
        kind=QuestionKind.TEXT,
        locale="en",
        **({"prompt": {"en": "Diet?"}} | values),
    )
    await world.save(row)
    return row


async def _export(api: Client, member: Any, office: BoxOffice) -> list[dict[str, str]]:
    input = {"eventDateId": gid(office.date), "export": "ATTENDEES"}
    url = (await api.signed_in(member).do("exportEventDate", input, LINK))["link"]["url"]
    answer = await api.http.get("/events/exports" + url.partition("/events/exports")[2])
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_cancelled_date_refunds_its_own_tickets_alone(
    world: World, api: Client, work: Work
) -> None:
    """leonovt/sadna_group13A#199: the whole payment went back, also for another date."""
    office = await BoxOffice.open(world)
    order = await TicketOrder.begin(office, api)
    other = await world.event(office.vendor)
    date = await world.event_date(other)
    quota = await world.quota(date)
    kind: TicketType = await world.ticket_type(other, quota, price=70_00)
    hold = await world.ticket_hold(order.user, date, kind, quota)
    checkout = await order.check_out(order.hold, hold)
    assert (await order.client.do("placeOrder", order.input(checkout)))["errors"] == []
    await order.pay()
    manager = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    input = {"eventDateId": gid(date), "refund": "ALL"}
    assert await manager.refusal_codes("cancelEventDate", input) == []
    await work()
    async with world.database.session() as session:
        lines = {one.title["en"]: one for one in (await session.exec(select(OrderLine))).all()}
        (refund,) = (await session.exec(select(Refund))).all()
        states = dict((await session.exec(select(Ticket.event_date_id, Ticket.state))).all())
    cancelled = next(one for name, one in lines.items() if kind.name["en"] in name)
    assert refund.amount == cancelled.total
    assert states == {office.date.id: "VALID", date.id: "CANCELLED"}
    assert TicketSource.ORDER in {one.source for one in await order.tickets()}
    await check_invariants(world.database)
