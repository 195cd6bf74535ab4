"""An account that is deleted with something in each domain: what blocks it, ends and stays."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.waits import BookingWaitState
from models.chat.conversations import Conversation
from models.notifications.inbox import NotificationKind
from models.pets.pets import Pet
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.invariants import check_invariants
from tests.jobs.conftest import Defer, Work
from tests.product.erased import delete, erase
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.bookings.stored import kinds
from tests.resolvers.events.box_office import BoxOffice
from tests.resolvers.events.ordering import TicketOrder


@pytest.mark.parametrize("what", ["order", "tickets", "wallet", "vendor"])
async def test_what_is_open_keeps_the_account(world: World, api: Client, what: str) -> None:
    user = await world.user()
    if what == "order":
        await world.placed_order(user, [await world.vendor()])
    elif what == "tickets":
        office = await BoxOffice.open(world)
        await (await TicketOrder.begin(office, api, user)).buy()
    elif what == "wallet":
        await world.fund(user, 100_00)
    else:
        await world.vendor(user)
    open_orders = dict.fromkeys(["order", "tickets"], "ORDERS_OPEN")
    expected = open_orders | {"wallet": "WALLET_NOT_EMPTY", "vendor": "LAST_OWNER"}
    assert await delete(api.signed_in(user)) == [expected[what]]


async def test_times_of_an_erased_account_are_free_again(
    world: World, api: Client, defer: Defer, work: Work
) -> None:
    """A booking to come is cancelled, and its vendor is notified. The pet and the texts go."""
    clinic = await Clinic.open(world)
    user = clinic.customer
    other = await world.vendor(await world.user())
    await world.member(other, user, MemberRole.STAFF)
    pet = await world.pet(user)
    chat = await Chat.between(world, api, user, clinic.vendor, clinic.owner)
    await chat.send(user, "My dog is ill.")
    await chat.send(clinic.owner, "Come at ten.")
    await chat.read(user, (await chat.row()).last_sequence)
    colleague = await Chat.between(world, api, await world.user(), other, user)
    await colleague.send(colleague.customer, "Are you open?")
    await colleague.read(user, 1)
    await colleague.send(user, "Until eight.")
    booking = await clinic.booking(note="He bites.", pet_id=pet.id)
    past = await clinic.booking(
        starts_at=clinic.at(10) - timedelta(days=14),
        state=BookingState.COMPLETED,
        ended_at=now(),
    )
    held = await clinic.booking(starts_at=clinic.at(12), state=BookingState.HELD)
    wait = await world.booking_wait(user, clinic.visit)
    assert await delete(api.signed_in(user)) == []
    await erase(world, user, defer, work)
    assert (await world.fresh(user)).is_erased
    for one in (booking, held):
        ended: Booking = await world.fresh(one)
        assert (ended.state, ended.note) == (BookingState.CANCELLED, None)
    kept_pet: Pet = await world.fresh(pet)
    assert (kept_pet.name, kept_pet.born_on) == ("Pet", None)
    assert (await world.fresh(past)).state is BookingState.COMPLETED
    assert (await world.fresh(wait)).state is BookingWaitState.LEFT
    assert (await kinds(world)).count(NotificationKind.BOOKING_CANCELLED) == 1
    stranger = api.signed_in(await world.user())
    free = hold_input(clinic.visit, booking.starts_at, clinic.asha)
    assert await stranger.refusal_codes("holdBooking", free) == []
    async with world.database.session() as session:
        mine = select(VendorMember).where(VendorMember.user_id == user.id)
        assert (await session.exec(mine)).first() is None
        kept = (await session.exec(select(Conversation))).all()
        assert {one.user_id for one in kept} == {user.id, colleague.customer.id}
    seen = await api.signed_in(clinic.owner).ask(
        "query ($id: ID!) { booking(id: $id) { customer { name } customerNote } }", id=gid(booking)
    )
    assert seen["booking"] == {"customer": {"name": "Deleted user"}, "customerNote": None}
    await check_invariants(world.database)
