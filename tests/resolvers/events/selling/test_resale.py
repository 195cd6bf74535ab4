"""Tickets that holders resell to those who wait: listed, held, sold and refunded."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from core.clock import now
from core.database import Database
from models.events.date_changes import TicketRefundState
from models.events.events import ResalePolicy, TransferPolicy, WaitlistRule
from models.events.selling.holds import HoldState, TicketHold
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.ticket_types import TypeQuota
from models.events.tickets import Ticket, TicketState
from models.identity.accounts import User
from models.notifications.inbox import Notification
from models.vendors import MemberRole
from services.events.holds.ending import end_holds, end_lost_hold
from services.events.resale.refunding import find_owed, refund_resold
from services.events.waitlist.serving import serve_waitlist
from services.transaction import Transactions
from tests.client import Client, gid
from tests.factories.buying import Unheard
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.inputs import keyed
from tests.resolvers.events.ordering import TicketOrder
from tests.resolvers.events.selling.test_seat_waitlist import deferred
from tests.resolvers.events.tickets.test_tickets import strangers

SHOWN = "ticket { state resaleListing { state price { amountMinor } refund held endedAt } }"
HELD = "{ ticketHolds { nodes { total { amountMinor } holdLines { quantity } } } }"


@dataclass
class Reselling:
    """A date that is sold out, a seller with a ticket of it, and a user who waits."""

    world: World
    api: Client
    office: BoxOffice
    order: TicketOrder
    ticket: Ticket

    @classmethod
    async def begin(
        cls, world: World, api: Client, quantity: int = 1, **values: Any
    ) -> "Reselling":
        policies = {"resale": ResalePolicy.FACE_VALUE} | values
        office = await BoxOffice.open(world, capacity=quantity, **policies)
        order = await TicketOrder.begin(office, api, quantity=quantity)
        ticket, *_ = await order.buy()
        return cls(world, api, office, order, ticket)

    @property
    def seller(self) -> Client:
        return self.order.client

    def input(self, **values: Any) -> dict[str, Any]:
        return keyed(ticketId=gid(self.ticket)) | values

    def price(self, minor: int, currency: str = "INR") -> dict[str, Any]:
        return self.input(price={"amountMinor": minor, "currency": currency})

    async def wait(self, user: User | None = None, **values: Any) -> WaitlistEntry:
        user = user or await self.world.user()
        return await self.world.waitlist_entry(user, self.office.date, **values)

    async def list(self, minor: int = 100_00) -> None:
        listed = await self.seller.do("listTicket", self.price(minor), SHOWN)
        assert listed["errors"] == []

    async def serve(self) -> None:
        async with self.world.database.session() as session, session.begin():
            session.info["notify_after"] = timedelta()
            await serve_waitlist(session, self.office.date.id)

    async def hold_of(self, entry: WaitlistEntry) -> TicketHold | None:
        rows = select(TicketHold).where(
            TicketHold.entry_id == entry.id, TicketHold.state == HoldState.OPEN
        )
        async with self.world.database.session() as session:
            return (await session.exec(rows)).first()

    async def held(self, entry: WaitlistEntry) -> TicketHold:
        await self.serve()
        hold = await self.hold_of(entry)
        assert hold is not None
        return hold

    async def user_of(self, entry: WaitlistEntry) -> User:
        async with self.world.database.session() as session:
            return await session.get_one(User, entry.user_id)

    async def buying(self, entry: WaitlistEntry) -> TicketOrder:
        """Return an order of what is held for an entry, which is yet to be placed."""
        user = await self.user_of(entry)
        hold = await self.held(entry)
        return TicketOrder(self.world, user, self.office, self.api.signed_in(user), hold)

    async def end(self, hold: TicketHold, state: HoldState = HoldState.EXPIRED) -> None:
        async with self.world.database.session() as session, session.begin():
            await end_holds(session, [await session.get_one(TicketHold, hold.id)], state)

    async def end_entry(self, entry: WaitlistEntry) -> None:
        fresh = await self.world.fresh(entry)
        fresh.end(WaitlistState.LEFT, now())
        await self.world.save(fresh)

    async def refund(self) -> None:
        """Run the job of the refund, twice."""
        transactions = Transactions(self.world.database, Unheard())
        listing = await self.listing()
        for _ in range(2):
            await refund_resold(transactions.begin, listing.id)

    async def listing(self) -> ResaleListing:
        rows = select(ResaleListing).order_by(col(ResaleListing.id).desc())
        async with self.world.database.session() as session:
            found = (await session.exec(rows)).first()
        assert found is not None
        return found

    async def state(self) -> TicketState:
        fresh: Ticket = await self.world.fresh(self.ticket)
        return fresh.state

    async def valid(self) -> int:
        rows = select(Ticket).where(Ticket.state == TicketState.VALID)
        async with self.world.database.session() as session:
            return len((await session.exec(rows)).all())


async def test_who_joins_is_served_what_those_before_could_not_use(
    world: World, api: Client
) -> None:
    """A listed ticket, or one that is too few for them, waits for no sweep."""
    sale = await Reselling.begin(world, api, quantity=2)
    await sale.wait(least=2, most=2)
    given = keyed(eventDateId=gid(sale.office.date), least=1, most=1)

    async def join() -> None:
        client = api.signed_in(await world.user())
        assert await client.refusal_codes("joinWaitlist", given | keyed()) == []

    await join()
    assert await deferred(world) == 0
    await sale.list()
    assert await deferred(world) == 1
    await join()
    assert await deferred(world) == 2


async def test_a_listed_ticket_is_sold_to_who_waits(
    world: World, api: Client, database: Database
) -> None:
    scene = await Reselling.begin(world, api)
    entry, later = await scene.wait(most=1), await scene.wait(most=1)
    input = scene.input()
    listed = await scene.seller.do("listTicket", input, SHOWN)
    assert listed["ticket"] == {
        "state": "VALID",
        "resaleListing": {
            "state": "LISTED",
            "price": {"amountMinor": 100_00},
            "refund": None,
            "held": False,
            "endedAt": None,
        },
    }
    assert await scene.seller.do("listTicket", input, SHOWN) == listed
    buying = await scene.buying(entry)
    assert await scene.hold_of(later) is None
    assert (await buying.client.ask(HELD))["ticketHolds"]["nodes"] == [
        {"total": {"amountMinor": 100_00}, "holdLines": [{"quantity": 1}]}
    ]
    assert await scene.office.taken() == 1, "it counts once"
    unlist = {"ticketId": gid(scene.ticket)}
    assert await scene.seller.refusal_codes("unlistTicket", unlist) == ["RESALE_HELD"]
    await check_invariants(database)
    (bought,) = await buying.buy()
    assert (await scene.state(), bought.state) == (TicketState.CANCELLED, TicketState.VALID)
    assert (bought.price, bought.quota_ids) == (100_00, [scene.office.quota.id])
    assert (await scene.valid(), await scene.office.taken()) == (1, 1)
    assert await scene.office.counted(scene.order.user) == 0
    await scene.refund()
    assert await scene.order.refunded() == [("CANCELLED", 100_00)]
    seen = (await scene.seller.ask("{ tickets { nodes { state resaleListing { refund } } } }"))[
        "tickets"
    ]
    assert seen["nodes"] == [{"state": "CANCELLED", "resaleListing": {"refund": "GRANTED"}}]
    async with database.session() as session:
        rows = select(Notification.kind).where(Notification.user_id == scene.order.user.id)
        kinds = {str(one) for one in await session.exec(rows)}
    assert {"TICKET_RESOLD", "REFUND_GRANTED"} <= kinds
    assert "TICKET_CANCELLED" not in kinds
    assert (await world.fresh(entry)).state is WaitlistState.SERVED
    await scene.serve()
    assert await scene.hold_of(later) is None
    await check_invariants(database)


async def test_a_seat_goes_to_who_buys_it(world: World, api: Client, database: Database) -> None:
    hall = await Hall.open(world, rows=1, seats=1, resale=ResalePolicy.FACE_VALUE)
    quota = await world.quota(hall.date, 1)
    await world.save(TypeQuota(ticket_type_id=hall.kind.id, quota_id=quota.id))
    office = BoxOffice()
    office.world, office.date, office.quota, office.kind = world, hall.date, quota, hall.kind
    await hall.take(api.signed_in(hall.user), 0, 0)
    hold = await world.first(TicketHold)
    order = TicketOrder(world, hall.user, office, api.signed_in(hall.user), hold)
    (ticket,) = await order.buy()
    scene = Reselling(world, api, office, order, ticket)
    entry = await scene.wait(most=1)
    await scene.list(ticket.price)
    buying = await scene.buying(entry)
    await check_invariants(database)
    (bought,) = await buying.buy()
    assert (bought.seat_id, await scene.state()) == (ticket.seat_id, TicketState.CANCELLED)
    assert (await hall.states(0), await hall.sizes()) == ("S", [0])
    await check_invariants(database)


async def test_a_lower_price_refunds_as_much(world: World, api: Client, database: Database) -> None:
    scene = await Reselling.begin(world, api, quantity=2)
    entry = await scene.wait(most=1)
    await scene.list(60_00)
    buying = await scene.buying(entry)
    (bought,) = await buying.buy()
    assert bought.price == 60_00
    await scene.refund()
    assert await scene.order.refunded() == [("CANCELLED", 60_00)]
    assert await scene.valid() == 2
    await check_invariants(database)


async def test_an_expired_hold_passes_it_on(world: World, api: Client, database: Database) -> None:
    scene = await Reselling.begin(world, api)
    first, second = await scene.wait(most=1), await scene.wait(most=1)
    await scene.list()
    await scene.end(await scene.held(first), HoldState.RELEASED)
    assert not (await scene.listing()).held
    hold = await scene.held(second)
    assert (await scene.listing()).hold_id == hold.id
    change = keyed(
        holdId=gid(hold), lines=[{"ticketTypeId": gid(scene.office.kind), "quantity": 1}]
    )
    client = api.signed_in(await scene.user_of(second))
    assert await client.refusal_codes("changeHold", change) == ["INVALID_INPUT"]
    await scene.end(hold)
    unlist = {"ticketId": gid(scene.ticket)}
    for _ in range(2):
        shown = await scene.seller.do("unlistTicket", unlist, SHOWN)
        assert shown["ticket"] == {"state": "VALID", "resaleListing": None}
    await check_invariants(database)


async def test_a_ticket_that_is_cancelled_meanwhile_is_not_sold(
    world: World, api: Client, database: Database
) -> None:
    """Its hold ends without blame. One who has ordered it gets the money back."""
    scene = await Reselling.begin(world, api)
    entry = await scene.wait(most=1)
    await scene.list()
    buying = await scene.buying(entry)
    await buying.place()
    assert await scene.seller.refusal_codes("cancelTicket", scene.input()) == []
    await buying.receive_money()
    assert await buying.tickets() == []
    assert [reason for reason, _ in await buying.refunded()] == ["LATE_PAYMENT"]
    assert (await scene.listing()).state is ResaleState.WITHDRAWN
    await check_invariants(database)


async def test_a_hold_ends_with_a_cancelled_ticket(
    world: World, api: Client, database: Database
) -> None:
    scene = await Reselling.begin(world, api, refund_hours=None)
    entry = await scene.wait(most=1)
    await scene.list()
    hold = await scene.held(entry)
    assert await scene.seller.refusal_codes("cancelTicket", scene.input()) == []
    async with Transactions(world.database, Unheard()).begin() as session:
        await end_lost_hold(session, hold.id)
        await end_lost_hold(session, hold.id)
    fresh = await world.fresh(entry)
    assert (fresh.state, fresh.unanswered) == (WaitlistState.WAITING, 0)
    assert (await scene.held(entry)).id != hold.id, "what was cancelled is free"
    await check_invariants(database)


async def test_late_money_takes_it_again_or_goes_back(
    world: World, api: Client, database: Database
) -> None:
    scene = await Reselling.begin(world, api)
    entry = await scene.wait(most=1)
    await scene.list()
    buying = await scene.buying(entry)
    await buying.place()
    await buying.expire()
    assert not (await scene.listing()).held
    await buying.receive_money()
    assert len(await buying.tickets()) == 1
    assert (await scene.state(), await scene.valid()) == (TicketState.CANCELLED, 1)
    await check_invariants(database)


async def test_small_entries_pass_and_strict_ones_do_not(world: World, api: Client) -> None:
    for rule, served in ((WaitlistRule.FIRST_FIT, True), (WaitlistRule.STRICT, False)):
        scene = await Reselling.begin(world, api, waitlist=rule)
        large = await scene.wait(least=2)
        small = await scene.wait(most=1)
        await scene.list()
        await scene.serve()
        assert (await scene.hold_of(small) is not None) is served
        assert (await world.fresh(large)).skips == int(served)


async def test_nobody_is_offered_their_own_ticket(world: World, api: Client) -> None:
    scene = await Reselling.begin(world, api)
    own = await scene.wait(scene.order.user, most=1)
    await scene.list()
    await scene.serve()
    assert await scene.hold_of(own) is None


async def test_listing_refusals(world: World, api: Client) -> None:
    scene = await Reselling.begin(world, api)
    seller = scene.seller
    refused = await seller.refusal_codes("listTicket", scene.price(100_01))
    assert refused == ["RESALE_PRICE_TOO_HIGH"]
    for wrong in (scene.price(-1), scene.price(1, "USD")):
        assert await seller.refusal_codes("listTicket", wrong) == ["INVALID_INPUT"]
    await scene.list()
    assert await seller.refusal_codes("listTicket", scene.input()) == ["TICKET_LISTED"]
    give = scene.input(to={"userId": gid(await world.user())})
    assert await seller.refusal_codes("transferTicket", give) == ["TICKET_LISTED"]
    unlist = {"ticketId": gid(scene.ticket)}
    assert await seller.refusal_codes("unlistTicket", unlist) == []
    assert await seller.refusal_codes("transferTicket", give) == []
    assert await seller.refusal_codes("listTicket", scene.input()) == ["TRANSFER_STATE"]
    for_nothing = await world.ticket(scene.order.user, scene.office.date, scene.office.kind)
    desk = keyed(ticketId=gid(for_nothing))
    assert await seller.refusal_codes("listTicket", desk) == ["RESALE_REFUSED"]


@pytest.mark.parametrize(
    "values",
    [{"resale": ResalePolicy.NONE}, {"waitlist": WaitlistRule.OFF}],
)
async def test_events_can_refuse_resale(world: World, api: Client, values: dict[str, Any]) -> None:
    scene = await Reselling.begin(world, api, transfer=TransferPolicy.NONE, **values)
    assert await scene.seller.refusal_codes("listTicket", scene.input()) == ["RESALE_REFUSED"]


async def test_resale_as_others(world: World, api: Client) -> None:
    scene = await Reselling.begin(world, api)
    owner = await world.user()
    await world.member(scene.office.vendor, owner, MemberRole.OWNER)
    calls = {"listTicket": scene.input(), "unlistTicket": {"ticketId": gid(scene.ticket)}}
    for name, input in calls.items():
        assert await api.mutation_failed(name, input) == ["UNAUTHENTICATED"]
        for user in (owner, *await strangers(scene.office)):
            assert await api.signed_in(user).refusal_codes(name, input) == ["NOT_FOUND"]


async def test_refunds_that_were_lost_are_found(world: World, api: Client) -> None:
    scene = await Reselling.begin(world, api)
    entry = await scene.wait(most=1)
    await scene.list()
    await (await scene.buying(entry)).buy()
    listing = await scene.listing()
    assert listing.refund is TicketRefundState.DUE
    async with Transactions(world.database, Unheard()).begin() as session:
        assert await find_owed(session) == []
    listing.ended_at = now() - timedelta(minutes=6)
    await world.save(listing)
    async with Transactions(world.database, Unheard()).begin() as session:
        assert await find_owed(session) == [listing.id]
