"""An account that is deleted with something in each domain: what blocks it, ends and stays."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core.clock import now
from models.bookings.bookings import Booking, BookingState
from models.bookings.waits import BookingWaitState
from models.chat.conversations import Conversation
from models.identity.accounts import User
from models.notifications.inbox import NotificationKind
from models.pets.pets import Pet
from models.privacy import AccountDeletion
from models.vendors import MemberRole, VendorMember
from tests.client import Client, gid
from tests.factories.chat import Chat
from tests.factories.world import World
from tests.invariants.bookings import VIOLATIONS
from tests.jobs.conftest import Defer, Work
from tests.resolvers.bookings.clinic import Clinic
from tests.resolvers.bookings.inputs import hold_input
from tests.resolvers.bookings.stored import kinds


async def delete(client: Client) -> list[str]:
    return await client.refusal_codes("deleteMyAccount", {"confirm": True})


async def erase(world: World, user: User, defer: Defer, work: Work) -> None:
    """Let the fourteen days be over, and run the job."""
    over = {"created_at": now() - timedelta(days=14), "due_at": now()}
    due = update(AccountDeletion).where(col(AccountDeletion.user_id) == user.id)
    async with world.database.session() as session, session.begin():
        await session.exec(due.values(**over))
    await defer("erase_account", user_id=user.id)
    await work()


@pytest.mark.parametrize("what", ["order", "wallet", "vendor"])
async def test_what_is_open_keeps_the_account(world: World, api: Client, what: str) -> None:
    user = await world.user()
    if what == "order":
        await world.placed_order(user, [await world.vendor()])
    elif what == "wallet":
        await world.fund(user, 100_00)
    else:
        await world.vendor(user)
    expected = {"order": "ORDERS_OPEN", "wallet": "WALLET_NOT_EMPTY", "vendor": "LAST_OWNER"}
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
        assert [one.user_id for one in kept] == [user.id]
    seen = await api.signed_in(clinic.owner).ask(
        "query ($id: ID!) { booking(id: $id) { customer { name } customerNote } }", id=gid(booking)
    )
    assert seen["booking"] == {"customer": {"name": "Deleted user"}, "customerNote": None}
    async with world.database.session() as session:
        assert (await session.execute(VIOLATIONS)).all() == []
