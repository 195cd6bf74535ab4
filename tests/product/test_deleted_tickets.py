"""An account that is deleted with tickets: others can have what it took, and are notified."""

from datetime import timedelta
from typing import Any

from core.clock import now
from models.events.events import ResalePolicy
from models.events.selling.holds import HoldState
from models.events.selling.resale import ResaleListing, ResaleState
from models.events.selling.sale_queue import QueueEntryState, SaleQueueEntry, SaleQueueState
from models.events.selling.waitlist import WaitlistEntry, WaitlistState
from models.events.tickets import Ticket, TicketState, TicketTransfer, TransferState
from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from models.vendors import MemberRole
from services.events.sale_queue.serving import serve_queue
from tests.client import Client, gid
from tests.factories.vendors import new_member
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.product.erased import delete, erase
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.door import Door
from tests.resolvers.events.hall import Hall
from tests.resolvers.events.ordering import TicketOrder
from tests.resolvers.events.waiting import holds_of, notices_of, serve, state_of


async def end(world: World, api: Client, user: User, defer: Defer, work: Work) -> None:
    assert await delete(api.signed_in(user)) == []
    await erase(world, user, defer, work)
    assert (await world.fresh(user)).is_erased
    await check_invariants(world.database)


async def test_a_ticket_that_was_given_is_cancelled(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """Its seat can be sold again, its code is refused, and its transfer and listing end."""
    hall = await Hall.open(world)
    ticket = await hall.sold_seat(0, 3)
    friend = await world.user()
    offered = await world.ticket_transfer(ticket, friend)
    door = Door()
    door.world, door.vendor, door.event, door.date = world, hall.vendor, hall.event, hall.date
    door.door = await world.check_in_list(hall.date)
    door.member = await new_member(world, hall.vendor, MemberRole.SCANNER)
    await end(world, api, hall.user, defer, work)
    ended: Ticket = await world.fresh(ticket)
    assert (ended.state, ended.generation) == (TicketState.CANCELLED, 2)
    assert (await hall.states(0)) == "FFFFFFFFFF"
    withdrawn: TicketTransfer = await world.fresh(offered)
    assert withdrawn.state is TransferState.WITHDRAWN
    _, key = await door.scanner()
    scan = await door.check_in(api.signed_in(door.member), key, ticket)
    assert scan["scanOutcome"] != "ADMITTED"
    assert await notices_of(world, hall.user) == []


async def test_used_and_past_tickets_stay(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """They are what was sold: the figures of a date do not change."""
    office = await BoxOffice.open(world)
    used = await world.ticket(office.user, office.date, office.kind, office.quota)
    await world.admit(used, office.date, await new_member(world, office.vendor, MemberRole.MANAGER))
    unused = await world.ticket(office.user, office.date, office.kind, office.quota)
    await end(world, api, office.user, defer, work)
    assert (await world.fresh(used)).state is TicketState.VALID
    assert (await world.fresh(unused)).state is TicketState.CANCELLED
    assert await office.taken() == 1


async def test_a_listed_ticket_is_withdrawn_from_who_is_about_to_buy_it(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """The buyer's hold ends, and they wait again: for the ticket that is free now."""
    office = await BoxOffice.open(world, capacity=1, resale=ResalePolicy.FACE_VALUE)
    (ticket,) = await (await TicketOrder.begin(office, api)).buy()
    ticket.holder_id = office.user.id  # transferred
    listing = ResaleListing(
        event_date_id=office.date.id, ticket_id=ticket.id, user_id=office.user.id, price=90_00
    )
    await world.save(ticket, listing)
    entry = await world.waitlist_entry(await world.user(), office.date, most=1)
    await serve(world, office)
    (first,) = await holds_of(world, entry)
    await end(world, api, office.user, defer, work)
    assert (await world.fresh(listing)).state is ResaleState.WITHDRAWN
    assert (await world.fresh(ticket)).state is TicketState.CANCELLED
    lost, again = await holds_of(world, entry)
    assert (lost.id, lost.state, again.state) == (first.id, HoldState.EXPIRED, HoldState.OPEN)
    assert await state_of(world, entry) is WaitlistState.HOLDING


async def test_the_giver_of_a_ticket_is_notified(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    office = await BoxOffice.open(world)
    ticket = await world.ticket(office.user, office.date, office.kind, office.quota)
    gone = await world.user()
    offered = await world.ticket_transfer(ticket, gone)
    await end(world, api, gone, defer, work)
    declined: TicketTransfer = await world.fresh(offered)
    assert declined.state is TransferState.DECLINED
    (notice,) = await notices_of(world, office.user)
    assert notice.kind is NotificationKind.TICKET_TRANSFER_ENDED
    kept: Ticket = await world.fresh(ticket)
    assert (kept.state, kept.holder_id) == (TicketState.VALID, office.user.id)


async def test_the_next_one_of_a_waitlist_is_served(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """At once, though the hold of the erased account would live for hours."""
    office = await BoxOffice.open(world, capacity=1)
    sold = await world.ticket(await world.user(), office.date, office.kind, office.quota)
    gone = await world.user()
    entries: list[WaitlistEntry] = [
        await world.waitlist_entry(one, office.date, most=1) for one in (gone, await world.user())
    ]
    cancelled: dict[str, Any] = {"ticketId": gid(sold), "reason": "Ill", "idempotencyKey": "1"}
    manager = api.signed_in(await new_member(world, office.vendor, MemberRole.MANAGER))
    assert await manager.refusal_codes("cancelTicket", cancelled) == []
    await work()
    assert [await state_of(world, one) for one in entries] == [
        WaitlistState.HOLDING,
        WaitlistState.WAITING,
    ]
    await end(world, api, gone, defer, work)
    assert [await state_of(world, one) for one in entries] == [
        WaitlistState.LEFT,
        WaitlistState.HOLDING,
    ]
    (freed,) = await holds_of(world, entries[0])
    assert freed.state is HoldState.RELEASED
    assert await office.taken() == 1


async def test_a_sale_queue_goes_on_to_the_next(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """The number of the erased account is kept, so that others can check the draw."""
    office = await BoxOffice.open(world)
    gone, other = await world.user(), await world.user()
    before = now() - timedelta(hours=1)
    queue = await world.sale_queue(
        office.event,
        state=SaleQueueState.OPEN,
        prequeue_at=before,
        opens_at=before,
        drawn_at=before,
        most_active=1,
        serving=1,
        last_number=2,
    )
    called = SaleQueueEntry(queue_id=queue.id, user_id=gone.id, number=1, seen_at=before)
    waiting = SaleQueueEntry(queue_id=queue.id, user_id=other.id, number=2)
    await world.save(called, waiting)
    await end(world, api, gone, defer, work)
    async with world.database.session() as session, session.begin():
        await serve_queue(session, queue.id)
    async with world.database.session() as session:
        first, second = [
            await session.get_one(SaleQueueEntry, (queue.id, one.id)) for one in (gone, other)
        ]
    assert (first.number, first.state) == (1, QueueEntryState.LAPSED)
    assert second.seen_at is not None, "called"
